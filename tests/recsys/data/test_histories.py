import numpy as np
import pytest

from recsys.data.histories import Histories, prefixes, transition_counts


def test_rows_keep_their_order_and_selection_keeps_rows() -> None:
    histories = Histories.from_lists([[2, 0], [], [1, 1, 2]], 3)
    assert len(histories) == 3
    assert histories.age.tolist() == [1, 0, 2, 1, 0]
    chosen = histories.select(np.array([2, 0]))
    assert [chosen.row(0)[0].tolist(), chosen.row(1)[0].tolist()] == [[1, 1, 2], [2, 0]]


def test_keeping_events_leaves_empty_rows_in_place() -> None:
    histories = Histories.from_lists([[2, 0], [1]], 3).keep(np.array([True, False, False]))
    assert [histories.row(0)[0].tolist(), histories.row(1)[0].tolist()] == [[2], []]


def test_interest_fades_with_age_and_counts_the_newest_of_repeats() -> None:
    histories = Histories.from_lists([[0, 1, 0]], 2)
    assert histories.matrix().toarray().tolist() == [[1, 1]]
    assert histories.matrix(power=1.0).toarray().tolist() == [[1, 0.5]]
    assert histories.values().tolist() == [0, 1, 1]


def test_an_event_of_little_weight_is_less_interest_and_one_of_much_no_more() -> None:
    histories = Histories(np.array([0, 4]), np.array([0, 1, 2, 0]), np.array([3.0, 0.5, -1.0, 0.2], np.float32), 3)
    assert histories.interest().tolist() == [1, 0.5, 0, 0]  # of a repeated item the largest
    assert histories.interest(power=1.0).tolist() == pytest.approx([0.25, 0.5 / 3, 0, 0])


def test_interest_fades_by_its_law_however_long_the_history() -> None:
    long = Histories.from_lists([range(6_000)], 6_000)
    assert long.values(power=0.5)[[0, -1]] == pytest.approx([6_000**-0.5, 1])


def test_weights_count_when_asked_for_and_dislikes_never() -> None:
    histories = Histories.from_lists([[0, 1, 2]], 3, [[2.0, -1.0, 0.5]])
    assert histories.matrix(binary=False).toarray()[0] == pytest.approx([2, 0, 0.5])
    assert histories.matrix().toarray()[0] == pytest.approx([1, 0, 1])


def test_what_followed_is_counted_by_distance() -> None:
    histories = Histories.from_lists([[0, 1, 2], [1, 0], [2, 0, 2]], 3, [[1, 1, 1], [1, 1], [1, -1, 1]])
    assert transition_counts(histories, steps=1, decay=0.5).toarray().tolist() == [[0, 1, 0], [1, 0, 1], [0, 0, 0]]
    assert transition_counts(histories, steps=2, decay=0.5).toarray().tolist() == [[0, 1, 0.5], [1, 0, 1], [0, 0, 0]]


def test_prefixes_are_decayed_histories_before_each_event() -> None:
    before, targets = prefixes(Histories.from_lists([[0, 1, 2], [2]], 3), steps=5, power=1.0)
    assert before.toarray() == pytest.approx(np.array([[1, 0, 0], [0.5, 1, 0]]))
    assert targets.toarray() == pytest.approx(np.array([[0, 1, 0], [0, 0, 1]]))
