"""Who is small, and a floor that holds over learners."""

import numpy as np
import pytest

from recsys.rerank.exposure_floor import count_floor_places, items_of_small_creators, stable_fraction, standardized_log_popularity

CREATORS = np.array([0, 0, 1, 2, 3, -1], np.int32)
COUNTS = np.array([50, 20, 15, 10, 5, 100])


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, []), (0.04, []), (0.05, [4]), (0.15, [3, 4]), (0.29, [3, 4]), (0.3, [2, 3, 4]), (1.0, [0, 1, 2, 3, 4])],
)
def test_the_smallest_creators_up_to_a_share_of_enrollments_are_small(share: float, expected: list[int]) -> None:
    assert np.flatnonzero(items_of_small_creators(CREATORS, COUNTS, share)).tolist() == expected


def test_equally_small_creators_are_treated_alike() -> None:
    creators, counts = np.array([0, 1, 2], np.int32), np.array([10, 10, 80])
    assert not items_of_small_creators(creators, counts, 0.1).any()
    assert items_of_small_creators(creators, counts, 0.2).tolist() == [True, True, False]


def test_items_of_nobody_are_not_small() -> None:
    assert not items_of_small_creators(np.array([-1, -1], np.int32), np.array([0, 3]), 0.5).any()


def test_popularity_is_measured_against_the_catalog() -> None:
    values = standardized_log_popularity(np.array([0, 10, 1000]))
    assert values.mean() == pytest.approx(0)
    assert values.std() == pytest.approx(1)
    assert standardized_log_popularity(np.array([3, 3])).tolist() == [0, 0]


def test_the_floor_holds_over_learners() -> None:
    rng = np.random.default_rng(0)
    histories = [rng.integers(0, 500, rng.integers(1, 9)).astype(np.int32) for _ in range(4_000)]
    places = [count_floor_places(0.15, 10, stable_fraction(items, seed=3)) for items in histories]
    assert set(places) == {1, 2}
    assert np.mean(places) == pytest.approx(1.5, abs=0.03)


def test_the_lot_is_the_learners_own_and_changes_with_the_seed() -> None:
    items = np.array([3, 1, 4], np.int32)
    assert stable_fraction(items) == stable_fraction(items.copy())
    assert stable_fraction(items) != stable_fraction(items, seed=1)
    assert stable_fraction(items) != stable_fraction(items[::-1])
