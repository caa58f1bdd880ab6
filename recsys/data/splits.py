"""Hold-out splits of interactions. Every split keeps all learners and items in the training data."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recsys.data.dataset import Dataset
from recsys.data.histories import CLOCK, Histories
from recsys.errors import DataError
from recsys.faults import Fault

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """What to train on and what was held out.

    `test_rows` are rows of `train` (ascending) and row r of `test` holds the items held out for learner `test_rows[r]`,
    each once. `unknown` counts, per row of `test`, held-out items that neither the training data nor the catalog holds:
    nobody can recommend them, but recall counts them as missed.
    """

    train: Dataset
    test_rows: Rows
    test: Histories
    unknown: npt.NDArray[np.int64]

    def sampled(self, size: int, seed: int) -> "Split":
        """The same training data with some of the learners to test on, drawn by `seed`: as many as have `size` courses held out
        among them, one at least."""
        if len(self.test.items) <= size:
            return self
        drawn = np.random.default_rng(seed).permutation(len(self.test_rows))
        many = np.searchsorted(np.cumsum(np.diff(self.test.indptr)[drawn]), size, side="right")
        return self.select_rows(np.sort(drawn[: max(1, int(many))]))

    def select_rows(self, rows: Rows) -> "Split":
        """The same training data with only these rows of `test`."""
        return Split(self.train, self.test_rows[rows], self.test.select(rows), self.unknown[rows])


def leave_last(dataset: Dataset, rows: Rows | None = None) -> Split:
    """Hold out the newest course of each learner who took at least two, and train on what came before it.

    With repeats the newest course is the one first met last; a course taken again is nothing to discover. Later repeats
    of older courses go too. `rows` limits whose course is held out; the others stay whole.
    """
    events = dataset.histories
    fresh = first_positive_per_item(events)
    last = np.full(len(events), -1, np.int64)
    positions = np.flatnonzero(fresh)
    last[events.rows[positions]] = positions  # ascending, so the latest assignment stays
    chosen = np.bincount(events.rows[positions], minlength=len(events)) >= 2
    if rows is not None:
        chosen &= np.isin(np.arange(len(events)), rows)
    cut = np.where(chosen, last, np.iinfo(np.int64).max)
    held = np.zeros(len(events.items), bool)
    held[last[chosen]] = True
    return _split(dataset, held, np.arange(len(events.items)) < cut[events.rows])


def has_clock(dataset: Dataset) -> bool:
    """Do the timestamps look like moments, rather than like places in a sequence?"""
    times = dataset.histories.timestamps
    return times is not None and len(times) > 0 and bool(np.nanmedian(times) > CLOCK)


def time_split(dataset: Dataset, fraction: float = 0.2, at: float | None = None) -> Split:
    """Train on what happened before a moment, test on new courses after it.

    The moment is `at` (seconds) or the quantile 1 - `fraction` of all times. Raises DataError without times, and where they are
    places in a sequence: the third course of one learner is no later than the second of another.
    """
    events = dataset.histories
    if events.timestamps is None:
        raise DataError(Fault.NO_CLOCK_FOR_SPLIT)
    if not has_clock(dataset):
        raise DataError(Fault.COUNTS_FOR_SPLIT)
    moment = float(np.nanquantile(events.timestamps, 1 - fraction)) if at is None else at
    late = events.timestamps >= moment
    return _split(dataset, late & first_positive_per_item(events), ~late)


def random_holdout(dataset: Dataset, fraction: float = 0.2, seed: int = 0, rows: Rows | None = None) -> Split:
    """Hold out a random share of each learner's courses, at least one of two or more, never all.

    What is held out did not come next, so the training data count as unordered (see `given_test.is_future_of`). `rows` limits whose courses
    are held out.
    """
    return random_folds(dataset, fraction, 1, seed, rows)[0]


def random_folds(dataset: Dataset, fraction: float, count: int, seed: int, rows: Rows | None = None) -> list[Split]:
    """`count` random hold-outs whose test sets do not overlap as long as count × fraction ≤ 1."""
    events = dataset.histories
    unordered = replace(dataset, ordered=False)
    candidates = first_positive_per_item(events)
    if rows is not None:
        candidates &= np.isin(events.rows, rows)
    rank, size = _shuffled_rank(events, candidates, np.random.default_rng(seed))
    share = np.maximum(1, np.floor(size * fraction)).astype(np.int64)
    folds = []
    for fold in range(count):
        turn = (rank - fold * share) % np.maximum(size, 1)
        held = candidates & (size >= 2) & (turn < np.minimum(share, size - 1))
        folds.append(_split(unordered, held, ~_events_of_held_pairs(events, held)))
    return folds


def first_positive_per_item(events: Histories) -> Mask:
    """Marks each learner's first positive event with each item."""
    positive = np.flatnonzero(events.weights > 0)
    cells = events.rows[positive] * events.n_items + events.items[positive]
    mask = np.zeros(len(events.items), bool)
    mask[positive[np.unique(cells, return_index=True)[1]]] = True
    return mask


def _split(dataset: Dataset, held: Mask, kept: Mask) -> Split:
    test = dataset.histories.keep(held)
    test_rows = np.flatnonzero(np.diff(test.indptr)).astype(np.int64)
    train = dataset.with_histories(dataset.histories.keep(kept))
    return Split(train, test_rows, test.select(test_rows), np.zeros(len(test_rows), np.int64))


def _shuffled_rank(events: Histories, candidates: Mask, rng: np.random.Generator) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Random place of each candidate among its learner's candidates, and how many those are; both one per event."""
    chosen = np.flatnonzero(candidates)
    rows = events.rows[chosen]
    order = np.lexsort((rng.random(len(chosen)), rows))
    counts = np.bincount(rows, minlength=len(events)).astype(np.int64)
    starts = np.cumsum(counts) - counts
    rank = np.zeros(len(candidates), np.int64)
    rank[chosen[order]] = np.arange(len(chosen)) - starts[rows[order]]
    return rank, counts[events.rows]


def _events_of_held_pairs(events: Histories, held: Mask) -> Mask:
    """Marks every event, repeats and dislikes too, of the (learner, item) pairs of `held`: none may stay in training."""
    cells = events.rows * events.n_items + events.items
    return np.isin(cells, cells[held])
