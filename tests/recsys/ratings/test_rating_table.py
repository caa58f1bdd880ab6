"""What can be learned from as ratings, and how it is divided."""

import numpy as np
import pandas as pd
import pytest

from recsys.errors import DataError
from recsys.ratings.rating_table import RatingTable, split_rows
from tests.recsys.ratings import worlds


def rated(ratings: list[float]) -> pd.DataFrame:
    rows = np.arange(len(ratings))
    return worlds.frame(rows % 20, rows, np.array(ratings))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (rated([2.0] * 60), "Every rating is 2"),
        (rated([1.0, 2.0] * 20), "40 ratings are too few"),
        (rated([]), "column of ratings"),
        (rated([1.0, 2.0] * 40).drop(columns="weight"), "column of ratings"),
        (rated([1.0, 2.0] * 40).assign(weight="good"), "not a number"),
    ],
)
def test_what_holds_nothing_to_predict_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(DataError, match=message):
        RatingTable.from_frame(frame)


def test_rows_without_a_rating_are_left_out_and_the_last_of_a_pair_counts() -> None:
    frame = rated([1.0, 2.0] * 30)
    again = pd.DataFrame({"user_id": ["u0", "u1"], "item_id": ["i0", "i1"], "weight": [2.0, np.nan]})
    table = RatingTable.from_frame(pd.concat([frame, again], ignore_index=True))
    assert len(table) == 60
    assert table.ratings[table.items == table.item_ids.index("i0")].tolist() == [2.0]
    assert table.ratings[table.items == table.item_ids.index("i1")].tolist() == [2.0]


def test_completed_is_the_larger_of_two_values_or_nine_tenths_of_the_largest() -> None:
    two = RatingTable.from_frame(rated([2.0, 3.0] * 40))
    assert two.default_threshold() == 3.0
    assert two.completed(3.0).mean() == 0.5
    many = RatingTable.from_frame(rated([0.1, 0.85, 0.9, 1.0] * 20))
    assert many.completed(many.default_threshold()).mean() == 0.5


@pytest.mark.parametrize(
    ("ratings", "threshold", "message"),
    [([1.0, 2.0] * 40, 0.5, "one class"), ([1.0, 2.0] * 40, 5.0, "only audited"), ([2.0] * 75 + [1.0] * 5, 2.0, "at least 10")],
)
def test_one_class_is_refused(ratings: list[float], threshold: float, message: str) -> None:
    with pytest.raises(DataError, match=message):
        RatingTable.from_frame(rated(ratings)).completed(threshold)


def test_parts_are_disjoint_whole_and_hold_both_classes_alike() -> None:
    completed = np.random.default_rng(1).random(1000) < 0.9
    parts = split_rows(completed, seed=4)
    assert np.array_equal(parts.factors.astype(int) + parts.learn + parts.test, np.ones(1000))
    for rows, share in ((parts.test, 0.2), (parts.factors, 0.48), (parts.learn, 0.32)):
        assert rows.mean() == pytest.approx(share, abs=0.002)
        assert completed[rows].mean() == pytest.approx(completed.mean(), abs=0.01)
    assert np.array_equal(split_rows(completed, seed=4).test, parts.test)
    assert not np.array_equal(split_rows(completed, seed=5).test, parts.test)
