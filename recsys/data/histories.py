"""A batch of learner histories: sparse rows that keep their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

CLOCK = 1e8  # seconds since 1970; what lies before March 1973 counts places in a sequence, not seconds
IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Histories:
    """Rows of item indices, oldest first inside a row, with a weight each.

    `indptr` has n_rows + 1 entries, `items` and `weights` one per event; `timestamps` (seconds, float64, NaN where
    unknown) may be None. An item may occur twice in a row; negative weights mean "less of this" and do not count as interest.
    """

    indptr: npt.NDArray[np.int64]
    items: IntArray
    weights: FloatArray
    n_items: int
    timestamps: npt.NDArray[np.float64] | None = None

    @classmethod
    def from_lists(cls, rows: Sequence[Sequence[int]], n_items: int, weights: Sequence[Sequence[float]] | None = None) -> "Histories":
        """Histories of plain lists; every weight is 1 where none are given."""
        indptr = np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64)
        items = np.array([i for r in rows for i in r], dtype=np.int32)
        flat = np.ones(len(items), np.float32) if weights is None else np.array([w for r in weights for w in r], np.float32)
        return cls(indptr, items, flat, n_items)

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def row(self, index: int) -> tuple[IntArray, FloatArray]:
        """Items and weights of one learner, oldest first."""
        part = slice(self.indptr[index], self.indptr[index + 1])
        return self.items[part], self.weights[part]

    def select(self, rows: npt.NDArray[np.int64] | slice) -> "Histories":
        """The histories of some rows, in the given order."""
        index = np.arange(len(self))[rows]
        lengths = np.diff(self.indptr)[index]
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        take = np.repeat(self.indptr[index] - indptr[:-1], lengths) + np.arange(indptr[-1])
        times = None if self.timestamps is None else self.timestamps[take]
        return Histories(indptr, self.items[take], self.weights[take], self.n_items, times)

    def keep(self, events: npt.NDArray[np.bool_]) -> "Histories":
        """The same rows with only the marked events; rows may become empty. `events` has one entry per event."""
        counts = np.concatenate([[0], np.cumsum(events)]).astype(np.int64)
        times = None if self.timestamps is None else self.timestamps[events]
        return Histories(counts[self.indptr], self.items[events], self.weights[events], self.n_items, times)

    @cached_property
    def cache_by_model(self) -> dict[Any, Any]:
        """What models worked out about these rows, by model, for as long as the rows live: an explanation asks what the score
        has asked before."""
        return {}

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """The row of each event."""
        if len(self) == 1:
            return np.zeros(len(self.items), np.int64)
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    @cached_property
    def age(self) -> IntArray:
        """Steps back from the newest event of the row: 0 for the newest."""
        if len(self) == 1:
            return np.arange(len(self.items) - 1, -1, -1, dtype=np.int32)
        ends = np.repeat(self.indptr[1:], np.diff(self.indptr))
        return (ends - 1 - np.arange(len(self.items))).astype(np.int32)

    @cached_property
    def all_positive(self) -> bool:
        """Whether no event is a dislike."""
        return bool((self.weights > 0).all())

    @cached_property
    def has_repeats(self) -> bool:
        """Whether any row holds an item twice."""
        if len(self) == 1:
            return len(set(self.items.tolist())) < len(self.items)
        return len(np.unique(self.rows * self.n_items + self.items)) < len(self.items)

    def values(self, binary: bool = True, power: float = 0.0) -> FloatArray:
        """Interest each event stands for, one per event: 0 for negative events, and for all but the largest of repeats.

        With `power` an event counts (1 + age)^(-power), age in courses: the power law fades fast at first but never forgets the
        early courses.
        """
        values = recency_weights(self.age, power)
        if not binary:
            values *= self.weights
        if not self.all_positive:
            values[self.weights <= 0] = 0
        return self.largest_per_item(values)

    def interest(self, power: float = 0.0) -> FloatArray:
        """What each event counts when scoring: `values`, less for one that weighs less than 1, such as a look or a course that was left."""
        return self.largest_per_item(self.values_times_event_weights(recency_weights(self.age, power)))

    def values_times_event_weights(self, values: FloatArray) -> FloatArray:
        """`values` (one per event) times the weight of each event, limited to 0…1."""
        return values if self._all_weights_full else values * np.clip(self.weights, 0, 1)

    @cached_property
    def _all_weights_full(self) -> bool:
        """Whether every event weighs at least 1."""
        return bool((self.weights >= 1).all())

    def largest_per_item(self, values: FloatArray) -> FloatArray:
        """`values` (one per event) with all but the largest of a repeated item set to 0; the newest wins a tie."""
        if not self.has_repeats:
            return values
        cell = self.rows * self.n_items + self.items
        order = np.lexsort((self.age, -values, cell))
        repeat = np.zeros(len(cell), bool)
        repeat[order[1:]] = cell[order][1:] == cell[order][:-1]
        return np.where(repeat, np.float32(0), values)

    def scatter(self, values: FloatArray, columns: IntArray | None = None, width: int | None = None) -> sparse.csr_matrix:
        """n_rows × n_items matrix of `values` (one per event, at most one nonzero per item of a row); `columns` (one per event)
        and `width` put them elsewhere than at their items."""
        columns, width = (self.items, self.n_items) if columns is None else (columns, width)
        kept = values != 0
        counts = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
        matrix = sparse.csr_matrix((values[kept], columns[kept], counts[self.indptr]), shape=(len(self), width))
        matrix.sort_indices()
        return matrix

    def matrix(self, binary: bool = True, power: float = 0.0) -> sparse.csr_matrix:
        """n_rows × n_items interest, positive events only; see `values`."""
        return self.scatter(self.values(binary, power))


def recency_weights(age: IntArray, power: float) -> FloatArray:
    """(1 + age)^(-power) for ages from 0, looked up: every model of a blend asks for it, for every learner."""
    known = _recency_table(power)
    if len(age) > len(known) and age.max() >= len(known):
        return np.asarray(np.power(np.float32(1) + age, np.float32(-power)), np.float32)
    values: FloatArray = known.take(age)
    return values


@cache
def _recency_table(power: float, longest: int = 4096) -> FloatArray:
    return np.asarray(np.power(np.arange(1, longest + 1, dtype=np.float32), np.float32(-power)), np.float32)


def transition_counts(histories: Histories, steps: int, decay: float) -> sparse.csr_matrix:
    """How often column's item followed row's in one history, up to `steps` events later, each further one counting `decay` less."""
    events = histories.keep(histories.weights > 0)
    counts = sparse.csr_matrix((histories.n_items,) * 2, dtype=np.float32)
    for gap in range(1, steps + 1):
        counts = counts + np.float32(decay ** (gap - 1)) * _counts_at_gap(events, gap)
    counts = sparse.csr_matrix(counts)
    counts.setdiag(0)
    counts.eliminate_zeros()
    return counts


def _counts_at_gap(events: Histories, gap: int) -> sparse.csr_matrix:
    """How often column's item stood `gap` events after row's item in one history."""
    same = events.rows[gap:] == events.rows[:-gap] if gap < len(events.items) else np.zeros(0, bool)
    before, after = events.items[:-gap][same], events.items[gap:][same]
    ones = np.ones(len(before), np.float32)
    return sparse.csr_matrix((ones, (before, after)), shape=(events.n_items, events.n_items))


def prefixes(events: Histories, steps: int, power: float) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """For every event with a history: that history (at most `steps` events, decayed) and the event, as rows of n_items."""
    place = np.arange(len(events.items)) - events.indptr[events.rows]
    size = np.minimum(place, steps)
    targets = np.flatnonzero(size > 0)
    size = size[targets]
    indptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    gap = np.arange(indptr[-1]) - np.repeat(indptr[:-1], size)  # 0 for the event just before the target
    columns = events.items[np.repeat(targets, size) - 1 - gap]
    values = np.power(np.float32(1) + gap, np.float32(-power)).astype(np.float32)
    shape = (len(targets), events.n_items)
    before = sparse.csr_matrix((values, columns, indptr), shape=shape)
    before.sum_duplicates()
    np.minimum(before.data, 1, out=before.data)  # a course taken twice is not more than taken
    ones = np.ones(len(targets), np.float32)
    return before, sparse.csr_matrix((ones, events.items[targets], np.arange(len(targets) + 1)), shape=shape)
