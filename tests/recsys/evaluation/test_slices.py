"""Slices pick the right learners and courses, and count only what belongs to them."""

import numpy as np
import pytest

from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.splits import Split
from recsys.evaluation.full_ranking import Outcome
from recsys.evaluation.metrics import accuracy
from recsys.evaluation.slices import Slice, measure_slices, slices_of
from recsys.types import Item

ITEMS = tuple(Item(f"c{n}") for n in range(30))


@pytest.fixture
def split() -> Split:
    """Four learners with 1, 4, 5 and 20 courses; c0 is taken by all, c29 by nobody; the last holds out two courses."""
    lengths = (1, 4, 5, 20)
    histories = Histories.from_lists([list(range(n)) for n in lengths], len(ITEMS))
    train = Dataset(("a", "b", "c", "d"), ITEMS, histories)
    test = Histories.from_lists([[1], [29], [8], [29, 25]], len(ITEMS))
    return Split(train, np.arange(4), test, np.array([0, 0, 0, 1]))


def outcome(name: str, split: Split, ranking: list[list[int]]) -> Outcome:
    lists = np.array(ranking)
    return Outcome(name, accuracy(lists, split.test, 2, split.unknown), lists, 0.0, 0.0, 0.0, 0.0)


def by_name(slices: list[Slice]) -> dict[str, Slice]:
    return {part.name: part for part in slices}


def test_learners_are_divided_by_the_courses_they_had_in_training(split: Split) -> None:
    found = by_name(slices_of(split))
    assert found["1 course"].rows.tolist() == [0]
    assert found["2–4 courses"].rows.tolist() == [1]
    assert found["5–9 courses"].rows.tolist() == [2]
    assert found["20 or more courses"].rows.tolist() == [3]
    assert found["fewer than 5 courses"].rows.tolist() == [0, 1]
    assert "10–19 courses" not in found


def test_a_course_taken_twice_is_one_course() -> None:
    histories = Histories.from_lists([[3, 3, 3]], len(ITEMS))
    split = Split(Dataset(("a",), ITEMS, histories), np.array([0]), Histories.from_lists([[1]], len(ITEMS)), np.array([0]))
    assert "1 course" in by_name(slices_of(split))


def test_held_out_courses_are_divided_by_their_learners_in_training(split: Split) -> None:
    found = by_name(slices_of(split))
    new, cold = found["new: nobody in training"], found["cold: fewer than 3 learners"]
    assert new.rows.tolist() == [1, 3]
    assert new.test.items.tolist() == [29, 29, 25]
    assert cold.rows.tolist() == [1, 2, 3]
    assert found["head: the top fifth"].rows.tolist() == [0]


def test_only_the_held_out_courses_of_a_slice_count(split: Split) -> None:
    ranking = [[1, 2], [29, 1], [20, 21], [25, 28]]
    rows = measure_slices([outcome("m", split, ranking)], slices_of(split), [], k=2, seed=0)
    recall = {row["slice"]: row["models"]["m"]["recall"] for row in rows}
    assert recall["new: nobody in training"] == pytest.approx((1 + 1 / 2) / 2)
    assert recall["cold: fewer than 3 learners"] == pytest.approx((1 + 0 + 1 / 2) / 3, abs=1e-6)
    # By history length the course that nobody could rank is a miss: one of three found.
    assert recall["20 or more courses"] == pytest.approx(1 / 3, abs=1e-6)
    sizes = {row["slice"]: (row["n_users"], row["n_held_out"]) for row in rows}
    assert sizes["new: nobody in training"] == (2, 3)
    assert sizes["20 or more courses"] == (1, 3)


def test_differences_and_ratios_are_paired(split: Split) -> None:
    good, poor = [[1, 2], [29, 1], [8, 9], [25, 29]], [[1, 2], [0, 2], [0, 1], [1, 2]]
    rows = measure_slices([outcome("g", split, good), outcome("p", split, poor)], slices_of(split), [("g", "p"), ("g", "absent")], 2, 0)
    compared = {row["slice"]: row["differences"] for row in rows}
    assert list(compared["fewer than 5 courses"]) == ["g - p"]
    short = compared["fewer than 5 courses"]["g - p"]
    assert short["recall"] == pytest.approx(0.5)
    assert short["recall_ratio"] == pytest.approx(2)
    assert short["recall_ci"][0] == 0  # a sample may draw the first learner twice, on whom both agree
    assert short["recall_ratio_ci"] is None  # or the second one twice, for whom the poor model finds nothing
    assert compared["1 course"]["g - p"]["ndcg_ratio_ci"] == [1, 1]
    assert compared["new: nobody in training"]["g - p"]["recall_ratio"] is None


def test_segments_come_by_column_and_small_ones_are_joined(split: Split) -> None:
    slices = slices_of(split, {"language": {"a": "en", "b": "en", "c": "fr"}})
    found = {part.name: part.rows.tolist() for part in slices if part.group == "language"}
    assert found == {"en": [0, 1], "fr": [2], "not known": [3]}
    many = {f"u{n}": f"s{n % 14:02d}" for n in range(28)}
    histories = Histories.from_lists([[0]] * 28, len(ITEMS))
    test = Histories.from_lists([[1]] * 28, len(ITEMS))
    wide = Split(Dataset(tuple(many), ITEMS, histories), np.arange(28), test, np.zeros(28, np.int64))
    joined = [part for part in slices_of(wide, {"s": many}) if part.group == "s"]
    assert len(joined) == 13
    assert len(joined[-1].rows) == 4
