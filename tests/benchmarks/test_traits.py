"""Traits beside the scores of sources: what they say of made-up courses, and that one which decides is found to help."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from benchmarks import traits
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.types import Item

DAY = traits.DAY


def asked(rows: list[list[int]], n_items: int, moments: list[float] | None = None) -> traits.Asked:
    return traits.Asked(
        np.ones((len(rows), 2, n_items), np.float32), Histories.from_lists(rows, n_items), np.array(moments or [np.nan] * len(rows))
    )


def test_a_gap_counts_from_the_mean_of_what_is_known() -> None:
    found = traits.gap(np.array([0.0, 2.0, np.nan]))(asked([[0], [0, 1, 2], [2]], 3))
    assert found[0].tolist() == [[0, 2, 0], [0, 2, 0]]
    assert found[1, 0].sum() == pytest.approx(2)
    assert found[1, 1, 1] == pytest.approx(found[1, 0, 1])
    assert found[2].tolist() == [[0, 0, 0], [0, 0, 0]]


def test_steps_that_are_often_taken_are_likelier_than_chance() -> None:
    rows = [(f"u{n}", f"{kind}{n % 3}", 1.7e9 + place * DAY) for n in range(300) for place, kind in enumerate("abc")]
    courses = [Item(f"{kind}{n}") for kind in "abcd" for n in range(3)]
    data = Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), courses)
    codes = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, -1, -1, -1])
    lift = traits.steps(codes, data)(asked([[0], []], 12))[0, 0]
    assert lift[3] > lift[6] > 0 > lift[0]
    assert not lift[9:].any()


def test_needs_are_covered_by_what_the_history_gives() -> None:
    labels = sparse.csr_matrix(np.array([[1, 0], [0, 1], [1, 1], [0, 0]], np.float32))
    found = traits.covered(labels, labels)(asked([[0]], 4))[0]
    assert found.tolist() == [[1, 0, 0.5, 0], [1, 0, 0, 0]]


def test_what_is_fresh_halves_every_thirty_days_and_is_not_said_of_an_unknown_moment() -> None:
    found = traits.fresh(np.array([0.0, 30 * DAY, np.nan]))(asked([[], []], 3, [30 * DAY, np.nan]))
    assert found[:, 0].tolist() == [[0.5, 1, 0], [0, 0, 0]]


def test_recency_and_frequency_are_those_of_the_history() -> None:
    events = Histories(np.array([0, 2]), np.array([0, 1], np.int32), np.ones(2, np.float32), 3, np.array([0.0, 2 * DAY]))
    now = traits.Asked(np.ones((1, 2, 3), np.float32), events, np.array([2 * DAY + 60.0]))
    assert traits.recency(now) == pytest.approx(np.full((1, 2, 3), -0.5))
    assert traits.frequency(now) == pytest.approx(np.full((1, 2, 3), np.log(2) / np.log(51) - 0.5))


def test_a_trait_that_decides_is_found_to_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Everybody stays with a creator, whose courses hardly anyone has taken together."""
    rng = np.random.default_rng(0)
    rows = [
        (f"u{learner}", f"c{10 * (learner % 12) + course}", 1.7e9 + learner * 3600 + step * 60)
        for learner in range(120)
        for step, course in enumerate(rng.choice(10, 3, replace=False))
    ]
    pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]).to_csv(tmp_path / "events.csv", index=False)
    creators = [f"by {course // 10}" for course in range(120)]
    pd.DataFrame({"item_id": [f"c{course}" for course in range(120)], "creator": creators}).to_csv(tmp_path / "items.csv", index=False)
    out = tmp_path / "out.json"
    arguments = ["--items", str(tmp_path / "items.csv"), "--split", "leave-last", "--traits", "level, steps", "creator", "--json", str(out)]
    monkeypatch.setattr("sys.argv", ["traits", "--data", str(tmp_path / "events.csv"), *arguments])
    assert traits.main() == 0
    found = json.loads(out.read_text("utf-8"))["traits"]
    assert found["creator"]["difference_ci"][0] > 0.05
    assert found["level, steps"]["difference"] == pytest.approx(0, abs=1e-6)  # no course has one
    assert "creator" in capsys.readouterr().out
