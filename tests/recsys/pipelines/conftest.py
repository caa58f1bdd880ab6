"""Small CSV files as a person would bring them."""

from pathlib import Path

import numpy as np
import pytest

COURSES = 12


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """interactions.csv, test.csv and items.csv: two groups of learners with six courses each."""
    rng = np.random.default_rng(0)
    lines, later = ["user_id,item_id,timestamp"], ["user_id,item_id"]
    for user in range(60):
        group = user % 2 * 6
        chosen = rng.permutation(6)[:4] + group
        lines += [f"u{user},c{item},{1_700_000_000 + step * 60}" for step, item in enumerate(chosen[:3])]
        later.append(f"u{user},c{chosen[3]}")
    (tmp_path / "interactions.csv").write_text("\n".join(lines), "utf-8")
    (tmp_path / "test.csv").write_text("\n".join(later), "utf-8")
    items = [
        "item_id,title,tags",
        *(f"c{n},{'Cooking' if n < 6 else 'Sewing'} part {n},{'food' if n < 6 else 'cloth'}" for n in range(COURSES + 1)),
    ]
    (tmp_path / "items.csv").write_text("\n".join(items), "utf-8")
    return tmp_path
