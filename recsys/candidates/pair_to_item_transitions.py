"""Pair transitions: counts of the course that follows a pair of courses."""

from itertools import combinations
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys import kernels
from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.types import ReasonKind

Keys = npt.NDArray[np.int64]
_NONE = -1


class PairModel(Model):
    """score(i) = Σ over pairs (a, b) of the last `window` courses of decay^(steps back) · n(a, b → i) / (n(a, b) + shrinkage).

    A variable-order Markov chain with skips (Begleiter et al., JAIR 2004; Shani et al., JMLR 2005): what two courses say
    together, which no sum over single courses can. n counts decay with distance as the score does; pairs met by fewer than
    `least` learners are left out, as they would tell of persons. Empty where the order of histories means nothing.
    """

    name: ClassVar[str] = "pairs"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_NEXT
    learned: ClassVar[tuple[str, ...]] = ("keys_", "weights_")
    keys_: Keys
    """The known pairs, ascending: smaller item · n_items + larger item."""
    weights_: sparse.csr_matrix
    """Pairs × items."""

    def __init__(self, window: int = 4, decay: float = 0.8, shrinkage: float = 2.0, least: int = 3) -> None:
        self.window = window
        self.decay = decay
        self.shrinkage = shrinkage
        self.least = least

    def fit(self, dataset: Dataset) -> Self:
        """Count every pair before every event."""
        events = dataset.histories.keep(dataset.histories.weights > 0)
        if not dataset.ordered:
            events = events.keep(np.zeros(len(events.items), bool))
        keys, following, values = self._observed_transitions(events)
        self.keys_, pair, met = np.unique(keys, return_inverse=True, return_counts=True)
        often = met >= self.least
        place = (np.cumsum(often) - 1)[pair]
        self.keys_, kept = self.keys_[often], often[pair]
        counts = sparse.csr_matrix((values[kept], (place[kept], following[kept])), shape=(len(self.keys_), dataset.n_items))
        totals = np.asarray(counts.sum(axis=1), np.float32).ravel() + np.float32(self.shrinkage)
        self.weights_ = sparse.csr_matrix(sparse.diags(1 / totals) @ counts, dtype=np.float32)
        return self

    def score(self, histories: Histories) -> npt.NDArray[np.float32]:
        """Sum the rows of the pairs each history ends with."""
        self.require_fitted()
        rows, places, values, _ = self._match_pairs(histories)
        if len(histories) == 1:
            return self._score_one(places, values)[None, :]
        pairs = sparse.csr_matrix((values, (rows, places)), shape=(len(histories), len(self.keys_)))
        return np.asarray((pairs @ self.weights_).toarray(), np.float32)

    def contributions(self, history: Histories, item: int) -> FloatArray:
        """A pair speaks for both of its events alike: half of its part each."""
        self.require_fitted()
        total = np.zeros(len(history.items), np.float32)
        _, places, values, members = self._match_pairs(history)
        if not len(places):
            return total
        halves = np.asarray(self.weights_[places, np.full(len(places), item)], np.float32).ravel() * values / 2
        for column in (0, 1):
            np.add.at(total, members[:, column], halves)
        return total

    def _score_one(self, places: Keys, values: FloatArray) -> FloatArray:
        # Building sparse matrices for six rows costs more than adding them.
        total = np.zeros(self.weights_.shape[1], np.float32)
        kernels.add_rows(total, self.weights_.indptr, self.weights_.indices, self.weights_.data, places.astype(np.int32), values)
        return total

    def _match_pairs(self, histories: Histories) -> tuple[Keys, Keys, FloatArray, Keys]:
        """Known pairs at the end of each history: row, place in `keys_`, weight, and the positions of both events."""
        last = _last_events(histories, self.window)
        newer, older = _combinations_of_two_lags(self.window)
        first, second = last[:, newer], last[:, older]
        keys = _keys(histories.items, first, second, histories.n_items)
        place = np.searchsorted(self.keys_, keys)
        known = np.zeros(keys.shape, bool)
        if len(self.keys_):
            known = (keys >= 0) & (self.keys_[np.minimum(place, len(self.keys_) - 1)] == keys)
        rows, columns = np.nonzero(known)
        return rows, place[known], self._decays()[columns], np.stack([first[known], second[known]], axis=1)

    def _observed_transitions(self, events: Histories) -> tuple[Keys, Keys, FloatArray]:
        """Pair, following item and weight of every pair within `window` events before every event."""
        position = np.arange(len(events.items)) - events.indptr[events.rows]
        parts = []
        for newer, older, weight in zip(*_combinations_of_two_lags(self.window), self._decays(), strict=True):
            target = np.flatnonzero(position > older)
            keys = _keys(events.items, target - 1 - newer, target - 1 - older, events.n_items)
            differ = keys >= 0
            parts.append((keys[differ], events.items[target[differ]].astype(np.int64), np.full(differ.sum(), weight, np.float32)))
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
        keys, following, values = (np.concatenate(column) for column in zip(*parts, strict=True))
        return keys, following, values

    def _decays(self) -> FloatArray:
        newer, older = _combinations_of_two_lags(self.window)
        return np.power(np.float32(self.decay), (newer + older - 1).astype(np.float32)).astype(np.float32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"window": self.window, "decay": self.decay, "shrinkage": self.shrinkage, "least": self.least}


def _combinations_of_two_lags(window: int) -> tuple[Keys, Keys]:
    """All pairs of steps back from the end, 0 for the newest event; the newer one first."""
    lags = np.array(list(combinations(range(window), 2)), np.int64).reshape(-1, 2)
    return lags[:, 0], lags[:, 1]


def _last_events(histories: Histories, window: int) -> Keys:
    """Positions of the last `window` events of interest per row, newest first, -1 where there are fewer."""
    wanted = np.flatnonzero(histories.weights > 0)
    ends = np.searchsorted(wanted, histories.indptr)
    steps = ends[1:, None] - 1 - np.arange(window)[None, :]
    exists = steps >= ends[:-1, None]
    if not len(wanted):
        return np.full(steps.shape, _NONE, np.int64)
    return np.where(exists, wanted[np.maximum(steps, 0)], _NONE)


def _keys(items: npt.NDArray[np.int32], first: Keys, second: Keys, n_items: int) -> Keys:
    """One number per unordered pair of items at two positions; -1 where one is missing or both are the same item."""
    if not len(items):
        return np.full(np.shape(first), _NONE, np.int64)
    a, b = items[first].astype(np.int64), items[second].astype(np.int64)
    usable = (first >= 0) & (second >= 0) & (a != b)
    return np.where(usable, np.minimum(a, b) * n_items + np.maximum(a, b), _NONE)
