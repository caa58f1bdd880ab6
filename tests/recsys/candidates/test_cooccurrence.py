"""Counts of pairs brought up to date equal counts made anew, to the last bit, whatever changed."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.candidates.cooccurrence import CooccurrenceCounts, carry_forward
from recsys.candidates.ease import EaseModel
from recsys.candidates.item_item_base import gram
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.errors import ArtifactError, DataError
from tests.recsys import worlds

N_ITEMS = 6
IDS = tuple(f"c{n}" for n in range(N_ITEMS))
ROW = st.lists(st.tuples(st.integers(0, N_ITEMS - 1), st.sampled_from([1.0, 2.5, -1.0])), max_size=8)
ROWS = st.lists(ROW, max_size=8)


def histories(rows: list[list[tuple[int, float]]], n_items: int = N_ITEMS) -> Histories:
    return Histories.from_lists([[item for item, _ in row] for row in rows], n_items, [[weight for _, weight in row] for row in rows])


def plain(rows: list[list[int]], n_items: int = N_ITEMS) -> Histories:
    return Histories.from_lists(rows, n_items)


def assert_same(first: CooccurrenceCounts, second: CooccurrenceCounts) -> None:
    assert first.item_ids == second.item_ids
    assert first.matrix.tobytes() == second.matrix.tobytes()
    assert (first.digest, first.n_rows) == (second.digest, second.n_rows)


def test_counts_of_a_small_world() -> None:
    state = CooccurrenceCounts.of(plain([[0, 1], [1, 2, 1], []], 3), ("a", "b", "c"))
    np.testing.assert_array_equal(state.matrix, [[1, 1, 0], [1, 2, 1], [0, 1, 1]])
    assert state.n_rows == 2


@settings(max_examples=150, deadline=None)
@given(kept=ROWS, before=ROWS, after=ROWS)
def test_replacing_rows_equals_counting_anew(kept: list, before: list, after: list) -> None:
    old = CooccurrenceCounts.of(histories(kept + before), IDS)
    assert_same(old.with_changed_rows(histories(before), histories(after)), CooccurrenceCounts.of(histories(kept + after), IDS))


@settings(max_examples=100, deadline=None)
@given(kept=ROWS, gone=ROWS)
def test_nothing_is_left_of_an_erased_learner(kept: list, gone: list) -> None:
    with_them = CooccurrenceCounts.of(histories(gone + kept), IDS)
    assert_same(with_them.with_changed_rows(histories(gone), histories([])), CooccurrenceCounts.of(histories(kept), IDS))


@settings(max_examples=100, deadline=None)
@given(rows=ROWS, more=ROWS, order=st.permutations(range(N_ITEMS + 2)))
def test_new_items_and_another_order_equal_counting_anew(rows: list, more: list, order: list[int]) -> None:
    """Items of the grown catalog are the old ones and two new ones, shuffled."""
    grown = [(*IDS, "new1", "new2")[n] for n in order]
    where = {old: new for new, old in enumerate(order)}
    moved = [[(where[item], weight) for item, weight in row] for row in rows]
    added = [[(item + 2, weight) for item, weight in row] for row in more]  # these may hold new items
    state = CooccurrenceCounts.of(histories(rows), IDS).with_items(grown)
    assert_same(state, CooccurrenceCounts.of(histories(moved, N_ITEMS + 2), grown))
    after = state.with_changed_rows(histories([], N_ITEMS + 2), histories(added, N_ITEMS + 2))
    assert_same(after, CooccurrenceCounts.of(histories(moved + added, N_ITEMS + 2), grown))


@settings(max_examples=100, deadline=None)
@given(first=ROWS, second=ROWS)
def test_counts_fit_their_own_rows_and_no_others(first: list, second: list) -> None:
    def sets(rows: list) -> list[tuple[int, ...]]:
        return sorted(found for row in rows if (found := tuple(sorted({item for item, weight in row if weight > 0}))))

    state = CooccurrenceCounts.of(histories(first), IDS)
    assert state.matches(histories(first[::-1]))
    assert state.matches(histories(second)) == (sets(first) == sets(second))


def test_rows_that_swap_items_are_told_apart() -> None:
    """The counts of single items are the same, the rows are not."""
    assert not CooccurrenceCounts.of(plain([[0, 1], [2, 3]]), IDS).matches(plain([[0, 2], [1, 3]]))
    # Even where all counts of pairs are the same: one learner of three and three of one, or three of two each.
    left, right = [[0, 1, 2], [0], [1], [2]], [[0, 1], [0, 2], [1, 2]]
    one, other = (CooccurrenceCounts.of(plain(rows), IDS) for rows in (left, right))
    np.testing.assert_array_equal(one.matrix, other.matrix)
    assert one.digest != other.digest


def test_what_was_never_counted_cannot_be_taken_away() -> None:
    state = CooccurrenceCounts.of(plain([[0, 1]]), IDS)
    with pytest.raises(DataError, match="never counted"):
        state.with_changed_rows(plain([[2]]), plain([]))
    with pytest.raises(DataError, match="left out"):
        state.with_items(["c0"])
    with pytest.raises(DataError, match="do not fit"):
        state.with_changed_rows(plain([], 3), plain([], 3))
    assert state.with_items(["c1", "c0"]).item_ids == ("c1", "c0")  # nobody took the others


def test_an_update_leaves_the_state_it_came_from_alone() -> None:
    state = CooccurrenceCounts.of(plain([[0, 1]]), IDS)
    copy = state.matrix.copy()
    state.with_changed_rows(plain([[0, 1]]), plain([[2]]))
    np.testing.assert_array_equal(state.matrix, copy)


def test_it_is_stored_without_learners(tmp_path: Path) -> None:
    dataset = worlds.dataset()
    ids = [item.item_id for item in dataset.items]
    state = CooccurrenceCounts.of(dataset.histories, ids)
    state.save(tmp_path / "gram")
    assert_same(CooccurrenceCounts.load(tmp_path / "gram"), state)
    stored = b"".join(path.read_bytes() for path in (tmp_path / "gram").iterdir())
    assert not [user for user in dataset.user_ids if f'"{user}"'.encode() in stored]
    (tmp_path / "gram" / "upper.data.npy").unlink()
    with pytest.raises(ArtifactError):
        CooccurrenceCounts.load(tmp_path / "gram")


def test_the_counts_are_what_ease_is_solved_from() -> None:
    dataset = worlds.dataset()
    state = CooccurrenceCounts.of(dataset.histories, [item.item_id for item in dataset.items])
    np.testing.assert_array_equal(state.matrix, gram(dataset.histories.matrix()))
    np.testing.assert_array_equal(EaseModel().fit_from_gram(state.matrix).weights_, EaseModel().fit(dataset).weights_)


def yesterday_and_today() -> tuple[CooccurrenceCounts, float, Dataset]:
    """Counts of all but the events of the last hours, and the dataset with them."""
    frame = worlds.interactions().sort_values("timestamp")
    since = frame["timestamp"].iloc[-20]
    old = Dataset.from_frames(frame[frame["timestamp"] <= since], worlds.items())
    return CooccurrenceCounts.of(old.histories, [i.item_id for i in old.items]), since, Dataset.from_frames(frame, worlds.items())


def test_counts_are_carried_forward_by_time() -> None:
    state, since, today = yesterday_and_today()
    carried = carry_forward(state, today, since)
    assert carried is not None
    assert_same(carried, CooccurrenceCounts.of(today.histories, [item.item_id for item in today.items]))


def test_an_erased_learner_makes_counting_start_over() -> None:
    """Nobody tells what was counted of them: what is carried forward would still hold it, and does not fit."""
    state, since, _ = yesterday_and_today()
    frame = worlds.interactions()
    without = Dataset.from_frames(frame[frame["user_id"] != "u7"], worlds.items())
    assert carry_forward(state, without, since) is None


def test_counting_starts_over_where_it_has_to() -> None:
    state, since, today = yesterday_and_today()
    assert carry_forward(state, today, since, most=0.0) is None
    assert carry_forward(state, today, since - 7200) is None  # of another time
    untimed = Dataset.from_frames(worlds.interactions().drop(columns="timestamp"), worlds.items())
    assert carry_forward(state, untimed, since) is None
    fewer = Dataset.from_frames(worlds.interactions().query("item_id != 'a1'"), [i for i in worlds.items() if i.item_id != "a1"])
    assert carry_forward(state, fewer, since) is None
