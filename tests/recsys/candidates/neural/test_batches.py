"""What nets are shown."""

import numpy as np
import pytest

from recsys.candidates.neural.batches import Feeding, deduplicated_positive_histories, epoch_batches, pad
from recsys.data.histories import Histories

HISTORIES = Histories.from_lists([[3, 1, 4, 1], [], [2], [0, 1, 2, 3, 4, 5]], 6, [[1, 1, -1, 1], [], [1], [1] * 6])


def test_interests_are_positive_and_each_item_once_where_it_was_met_last() -> None:
    kept = deduplicated_positive_histories(HISTORIES)
    assert [kept.row(row)[0].tolist() for row in range(4)] == [[3, 1], [], [2], [0, 1, 2, 3, 4, 5]]


def test_blocks_hold_the_newest_events_in_order() -> None:
    block, lengths = pad(deduplicated_positive_histories(HISTORIES), 4)
    assert block.tolist() == [[3, 1, 6, 6], [6, 6, 6, 6], [2, 6, 6, 6], [2, 3, 4, 5]]
    assert lengths.tolist() == [2, 0, 1, 4]
    nothing, none = pad(Histories.from_lists([], 6), 4)
    assert nothing.shape == (0, 1)
    assert none.shape == (0,)


@pytest.mark.parametrize("feeding", Feeding)
@pytest.mark.parametrize("ordered", [True, False])
def test_a_pass_shows_every_learner_with_a_history_once(feeding: Feeding, ordered: bool) -> None:
    batches = list(epoch_batches(deduplicated_positive_histories(HISTORIES), feeding, ordered, 50, 2, np.random.default_rng(0)))
    assert sorted(len(batch.rows) for batch in batches) == [1, 2]
    assert sorted(np.concatenate([batch.rows for batch in batches]).tolist()) == [0, 2, 3]


@pytest.mark.parametrize("ordered", [True, False])
def test_a_cut_parts_a_history_into_known_and_wanted(ordered: bool) -> None:
    long = Histories.from_lists([list(range(12))], 12)
    cuts = set()
    for seed in range(40):
        (batch,) = epoch_batches(long, Feeding.CUT, ordered, 50, 1, np.random.default_rng(seed))
        known = batch.known[0][batch.known[0] < 12].tolist()
        wanted = batch.wanted[0][batch.wanted[0] >= 0].tolist()
        assert len(known) == batch.lengths[0] < 12
        assert wanted
        cuts.add(len(known))
        if ordered:
            assert known + wanted == list(range(len(known) + len(wanted)))
            assert len(wanted) == min(5, 12 - len(known))
        else:
            assert sorted(known + wanted) == list(range(12))
    assert len(cuts) > 5


def test_histories_without_order_come_in_another_one_each_time() -> None:
    long = Histories.from_lists([list(range(12))], 12)
    rng = np.random.default_rng(0)
    orders = {tuple(next(epoch_batches(long, Feeding.SEQUENCE, False, 50, 1, rng)).known[0].tolist()) for _ in range(5)}
    assert len(orders) == 5
    assert tuple(next(epoch_batches(long, Feeding.SEQUENCE, True, 50, 1, rng)).known[0].tolist()) == tuple(range(12))


def test_batches_hold_histories_of_like_length_in_random_order() -> None:
    mixed = Histories.from_lists([[0] if row % 2 else list(range(12)) for row in range(400)], 12)
    batches = list(epoch_batches(mixed, Feeding.WHOLE, True, 50, 20, np.random.default_rng(0)))
    assert all(len(set(batch.lengths.tolist())) == 1 for batch in batches)
    widths = [batch.known.shape[1] for batch in batches]
    assert widths != sorted(widths)
