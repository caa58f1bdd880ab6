"""A model that stopped learning falls behind when the world changes, and not when it stays."""

import numpy as np
import pandas as pd
import pytest

from recsys.candidates.transitions import TransitionModel
from recsys.data.dataset import Dataset
from recsys.errors import DataError
from recsys.evaluation.full_ranking import FullRanking
from recsys.pipelines.ageing import measure_ageing
from tests.recsys import worlds

HOUR = 3_600.0
SIZE = 8


def years(changed: bool) -> Dataset:
    """Pairs of courses a → b for the first third of the time; then, if the world changes, a → c."""
    rng = np.random.default_rng(0)
    rows = []
    for learner in range(800):
        course = int(rng.integers(SIZE))
        follower = f"c{course}" if changed and learner >= 250 else f"b{course}"
        start = 1.5e9 + learner * 40 * HOUR
        # Most of a year passes between the two, so that the first is history when the second is asked for.
        rows += [(f"u{learner}", f"a{course}", start), (f"u{learner}", follower, start + 40 * HOUR * 150)]
    return Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]))


def transitions() -> FullRanking:
    return FullRanking(TransitionModel())


def test_by_time_the_old_model_falls_behind_in_a_changed_world_only() -> None:
    changed = measure_ageing(years(changed=True), k=1, make=transitions)
    assert (changed["by"], changed["unit"]) == ("time", "days")
    first, last = changed["windows"][0], changed["windows"][-1]
    assert first["difference"] == 0
    assert first["from"] < last["from"]
    assert last["difference_ci"][1] < 0
    assert last["stale"]["ndcg"] + last["difference"] * -1 == pytest.approx(last["fresh"]["ndcg"], abs=1e-5)
    same = measure_ageing(years(changed=False), k=1, make=transitions)
    assert abs(same["windows"][-1]["difference"]) < 0.05


def test_by_position_age_zero_is_the_fresh_model() -> None:
    found = measure_ageing(worlds.dataset(), by="position", k=3, make=transitions)
    assert (found["by"], found["unit"]) == ("position", "courses")
    ages = [window["age"] for window in found["windows"]]
    assert ages == sorted(ages)
    assert found["windows"][0]["difference_ci"] == [0, 0]
    assert len({window["n_users"] for window in found["windows"]}) == 1
    assert found["windows"][-1]["stale"]["ndcg"] < found["windows"][0]["stale"]["ndcg"]


def test_data_without_order_cannot_show_age() -> None:
    shuffled = worlds.interactions().drop(columns="timestamp").sample(frac=1, random_state=1)
    with pytest.raises(DataError, match="order"):
        measure_ageing(Dataset.from_frames(shuffled))
