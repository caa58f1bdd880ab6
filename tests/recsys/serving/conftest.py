"""A small world whose right answers are obvious: three fields, each taken by its own people."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys.pipelines.train import train
from recsys.serving.recommender import Recommender
from recsys.types import Item

FIELDS = {
    "data": ("python", "statistics", "pandas regression notebooks"),
    "design": ("typography", "color", "layout grids drawing"),
    "cloud": ("docker", "networks", "containers clusters deployment"),
}
LEVELS = ("beginner", "intermediate", "advanced")
PER_FIELD = 8
DAY = 86_400.0


def world_items() -> list[Item]:
    """Eight courses a field, skills and levels in turn; the fourth of a field needs the first."""
    return [
        Item(
            item_id=f"{field}-{n}",
            title=f"{field} course number {n}",
            description=f"{words} {skills[n % 2]} lesson",
            topics=(field,),
            skills=(skills[n % 2],),
            level=LEVELS[n % 3],
            duration_minutes=60 * (n + 1),
            prerequisites=(f"{field}-0",) if n == 3 else (),
            published=n * DAY,
            creator=field,
        )
        for field, (*skills, words) in FIELDS.items()
        for n in range(PER_FIELD)
    ]


def world_events(seed: int = 0) -> pd.DataFrame:
    """120 learners per field (data 240, so it is the most popular), each taking five of its courses, one in six elsewhere."""
    rng = np.random.default_rng(seed)
    rows = []
    for field, count in (("data", 240), ("design", 120), ("cloud", 120)):
        for person in range(count):
            chosen = np.sort(rng.choice(PER_FIELD, 5, replace=False))
            for step, n in enumerate(chosen):
                where = rng.choice(list(FIELDS)) if rng.random() < 1 / 6 else field
                rows.append((f"{field}{person}", f"{where}-{n}", 1e9 + person * DAY + step * 3_600))
    return pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(world_events(), world_items(), tmp_path_factory.mktemp("models"), evaluate=False)


@pytest.fixture(scope="session")
def recommender(artifact: Path) -> Recommender:
    return Recommender.load(artifact)
