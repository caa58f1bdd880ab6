"""Figures of slates, by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from recsys.data.dataset import Dataset
from recsys.evaluation.slate_metrics import SlateTraits, overall_and_mean_level_deviation, relative_loss, topics_over_time
from recsys.types import Item

LEVELS = np.array([0, 0, 1, 2, -1], np.int8)
EVEN = np.array([[0.5, 0.25, 0.25]])


def test_the_level_gap_of_all_places_and_of_each_learner() -> None:
    ranking = np.array([[0, 1], [2, 3]])
    together, each = overall_and_mean_level_deviation(ranking, LEVELS, np.repeat(EVEN, 2, axis=0))
    assert together == pytest.approx(0)
    assert each == pytest.approx(50)


def test_targets_differ_by_learner_and_places_without_a_level_do_not_count() -> None:
    ranking = np.array([[0, 4, -1], [2, 2, 3]])
    together, each = overall_and_mean_level_deviation(ranking, LEVELS, np.array([[1.0, 0, 0], [0, 1.0, 0]]))
    assert together == pytest.approx(25)
    assert each == pytest.approx(100 / 6)


def test_without_levels_there_is_no_gap() -> None:
    assert overall_and_mean_level_deviation(np.array([[4, -1]]), LEVELS, EVEN) == (None, None)


def test_topics_are_counted_over_all_slates_of_a_learner() -> None:
    topics = sparse.csr_matrix(np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1], [0, 0, 0]]))
    assert topics_over_time([np.array([[0, 3], [1, -1]]), np.array([[2, 0], [1, 3]])], topics).tolist() == [3, 1]


def test_the_share_lost_is_paired() -> None:
    before = np.linspace(0.2, 0.8, 50)
    lost = relative_loss(before * 0.9, before, seed=0)
    assert (lost.mean, lost.low, lost.high) == pytest.approx((0.1, 0.1, 0.1))
    assert relative_loss(before, before * 0.8, seed=0).mean == pytest.approx(-0.25)
    assert relative_loss(np.empty(0), np.empty(0), seed=0).mean == 0


def test_shares_of_small_creators_and_new_items() -> None:
    items = [Item("a", creator="big"), Item("b", creator="small"), Item("c", creator="big"), Item("d")]
    events = pd.DataFrame({"user_id": list("uvwxy"), "item_id": list("aaaab")})
    places = SlateTraits.of(Dataset.from_frames(events, items), 0.2, np.array([False, False, True, False]))
    found = places.measure(np.array([[0, 1, 2, 3]]), EVEN)
    assert found["small_creators"] == pytest.approx(0.25)
    assert found["new_or_small"] == pytest.approx(0.5)
    assert found["niche_share"] == pytest.approx(0.75)
    assert found["level_gap"] is None
