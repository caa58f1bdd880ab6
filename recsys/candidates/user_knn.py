"""What learners with a similar history took, and when."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.fading import Dense, FadingModel
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.types import ReasonKind

_BLOCK = 100  # learners scored at a time: bounds memory to their neighbors' events
_STRIDE = 16  # of the sample that guesses where the nearest begin
Index = npt.NDArray[np.int64]
Votes = tuple[Index, npt.NDArray[np.int32], FloatArray, FloatArray]
Neighbors = tuple[Index, Index, FloatArray, npt.NDArray[np.float64]]


class UserKnnModel(FadingModel):
    """score(u)[i] = Σ over the `k` nearest learners v who took i of similarity(u, v)^sharpness · closeness(v, i).

    Herlocker et al., An algorithmic framework for performing collaborative filtering (SIGIR 1999), read as sequences after
    Ludewig & Jannach (UMUAI 2018: VS-kNN) and Garg et al. (SIGIR 2019: STAN):
    similarity is Σ interest over shared courses / (|interest| · √(courses of v) + shrinkage): the newest courses of u count
    most. closeness(v, i) = decay^(g - 1) for the course g places after the newest course of u that v took too, `before` times
    that for one g places before it; 1 where order means nothing.

    Neighbors are learners of the training data with two courses or more, their last `last` courses; of more than `learners` a
    sample. Only the last `steps` courses of u find them. Where order means nothing, neither limit holds.
    A pair's part of the score is shared out over the shared courses by their interest, so that contributions are exact.
    """

    name: ClassVar[str] = "user_knn"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER
    learned: ClassVar[tuple[str, ...]] = ("taken_", "takers_", "roots_")
    taken_: sparse.csr_matrix  # learners × n_items, the place in the history + 1
    takers_: sparse.csr_matrix  # n_items × learners, 1 where taken
    roots_: Dense  # √ of how many courses each of them took

    def __init__(
        self,
        k: int = 200,
        shrinkage: float = 10.0,
        sharpness: float = 4.0,
        power: float = 0.8,
        decay: float = 0.7,
        before: float = 0.3,
        steps: int = 10,
        last: int = 50,
        learners: int = 100_000,
        seed: int = 0,
    ) -> None:
        self.k = k
        self.shrinkage = shrinkage
        self.sharpness = sharpness
        self.power = power
        self.decay = decay
        self.before = before
        self.steps = steps
        self.last = last
        self.learners = learners
        self.seed = seed

    def learn(self, dataset: Dataset) -> None:
        """Keep who took what in which place, both ways round."""
        events = dataset.histories
        events = events.keep(events.values() > 0)
        if self.ordered_:
            events = events.keep(events.age < self.last)
        rows = np.flatnonzero(np.diff(events.indptr) >= 2)
        rows = np.sort(np.random.default_rng(self.seed).permutation(rows)[: self.learners])
        events = events.select(rows)
        place = np.arange(len(events.items)) - events.indptr[events.rows] + 1
        self.taken_ = events.spread(place.astype(np.float32))
        self.takers_ = sparse.csr_matrix((self.taken_ > 0).T, dtype=np.float32)
        self.roots_ = np.sqrt(np.diff(events.indptr)).astype(np.float32)

    def interest(self, histories: Histories) -> FloatArray:
        """The last `steps` events, fading with age; all alike where order means nothing."""
        faded = super().interest(histories)
        return np.where(histories.age < self.steps, faded, np.float32(0)) if self.ordered_ else faded

    def score(self, histories: Histories) -> Dense:
        """Votes of the neighbors, found learner by learner and counted block by block."""
        self.require_fitted()
        if len(histories) <= _BLOCK:
            return self._score_block(histories)
        parts = [self._score_block(histories.select(slice(start, start + _BLOCK))) for start in range(0, len(histories), _BLOCK)]
        return np.concatenate(parts)

    def _score_block(self, histories: Histories) -> Dense:
        interest = self.interest(histories)
        indptr, learners, _, similarity = self._neighbors(histories, interest)
        row = np.repeat(np.arange(len(histories)), np.diff(indptr))
        pair, items, _, closeness = self._votes(histories, interest, row, learners)
        cells = row[pair] * histories.n_items + items
        size = len(histories) * histories.n_items
        votes = np.bincount(cells, similarity[pair] * closeness, size)
        return votes.reshape(len(histories), histories.n_items).astype(np.float32)

    def contributions(self, history: Histories, item: int) -> FloatArray:
        """What each shared course adds through the neighbors it made."""
        parts: FloatArray = self.contributions_to(history, [item])[0]
        return parts

    def contributions_to(self, history: Histories, items: Sequence[int]) -> Dense:
        """Contributions of each event of the single-row `history` to each of `items`, (len(items), events); see `Model`."""
        self.require_fitted()
        interest = self.interest(history)
        _, learners, shared, similarity = self._neighbors(history, interest)
        pair, found, asked, closeness = self._votes(history, interest, np.zeros(len(learners), np.int64), learners)
        place = np.full(history.n_items, -1)
        place[np.asarray(items, np.int64)] = np.arange(len(items))
        wanted = np.flatnonzero(place[found] >= 0)
        votes = np.zeros((len(items), len(learners)))
        votes[place[found[wanted]], pair[wanted]] = similarity[pair[wanted]] * closeness[wanted] / shared[pair[wanted]]
        event = np.zeros(history.n_items, np.int64)
        counted = np.flatnonzero(interest)
        event[history.items[counted]] = counted
        common = np.flatnonzero(asked > 0)
        shares = np.zeros((len(learners), len(history.items)))
        shares[pair[common], event[found[common]]] = asked[common]
        return np.asarray(votes @ shares, np.float32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("k", "shrinkage", "sharpness", "power", "decay", "before", "steps", "last", "learners", "seed")
        return {name: getattr(self, name) for name in names}

    def _neighbors(self, histories: Histories, interest: FloatArray) -> "Neighbors":
        """The nearest learners of each row: where each row begins, who, the interest shared, and similarity^sharpness."""
        if self in histories.notes:
            known: Neighbors = histories.notes[self]
            return known
        size = np.sqrt(np.bincount(histories.rows, np.square(interest), len(histories))).astype(np.float32)
        who, dots, alike = [], [], []
        for row in range(len(histories)):
            part = slice(histories.indptr[row], histories.indptr[row + 1])
            learners, values = self._sharing(histories.items[part], interest[part])
            similarity = values / (size[row] * self.roots_[learners] + np.float32(self.shrinkage))
            nearest = largest(similarity, self.k)
            who.append(learners[nearest])
            dots.append(values[nearest])
            alike.append(similarity[nearest])
        indptr = np.concatenate([[0], np.cumsum([len(found) for found in who])]).astype(np.int64)
        found = indptr, _joined(who).astype(np.int64), _joined(dots), _joined(alike).astype(np.float64) ** self.sharpness
        histories.notes[self] = found
        return found

    def _sharing(self, items: npt.NDArray[np.int32], interest: FloatArray) -> tuple[Index, FloatArray]:
        """Learners who share a course with a history, ascending, and the interest in what they share.

        Counted over all learners at once: a product of sparse matrices takes three times as long for a single row.
        """
        starts, takers = self.takers_.indptr, self.takers_.indices
        used = [
            (takers[starts[item] : starts[item + 1]], value) for item, value in zip(items.tolist(), interest.tolist(), strict=True) if value
        ]
        if not used:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        everyone = np.concatenate([learners for learners, _ in used])
        shared = np.bincount(everyone, np.repeat([value for _, value in used], [len(learners) for learners, _ in used]))
        learners = np.flatnonzero(shared > 0)  # of a mask: numbers take twenty times as long to look through
        return learners, shared[learners].astype(np.float32)

    def _votes(self, histories: Histories, interest: FloatArray, row: Index, learners: Index) -> "Votes":
        """Every course of every neighbor: whose (place in `learners`), which, its interest to `row`, and its closeness."""
        key = (self, "votes")
        if key in histories.notes:
            known: Votes = histories.notes[key]
            return known
        starts = self.taken_.indptr[learners]
        lengths = self.taken_.indptr[learners + 1] - starts
        first = np.cumsum(lengths) - lengths
        pair = np.repeat(np.arange(len(learners)), lengths)
        cells = np.arange(len(pair)) + np.repeat(starts - first, lengths)
        items = self.taken_.indices[cells]
        table = np.zeros(len(histories) * histories.n_items, np.float32)
        used = np.flatnonzero(interest)
        table[histories.rows[used] * histories.n_items + histories.items[used]] = interest[used]
        asked = table[np.repeat(row * histories.n_items, lengths) + items]
        if not self.ordered_ or not len(pair):
            return pair, items, asked, np.ones(len(pair), np.float32)
        place = self.taken_.data[cells].astype(np.int32)
        newest = np.repeat(np.maximum.reduceat(asked, first), lengths)
        anchor = np.maximum.reduceat(np.where(asked == newest, place, 0), first)
        gap = np.arange(-self.last, self.last + 1)
        closeness = np.where(gap < 0, self.before, 1) * np.power(self.decay, np.maximum(np.abs(gap) - 1, 0))
        found = pair, items, asked, closeness.astype(np.float32)[place - np.repeat(anchor, lengths) + self.last]
        histories.notes[key] = found
        return found


def largest(values: FloatArray, k: int) -> Index:
    """Indices of the `k` largest positive values, ascending; of values equal to the k-th the first.

    A sample guesses a bound that a few times k values pass, so that most are compared only once.
    """
    sample = values[::_STRIDE]
    deep = 2 * k // _STRIDE + 8
    bound = np.partition(sample, len(sample) - deep)[len(sample) - deep] if deep < len(sample) else 0.0
    found = np.flatnonzero(values >= bound) if bound > 0 else np.flatnonzero(values > 0)
    if len(found) < k and bound > 0:
        found = np.flatnonzero(values > 0)
    if len(found) <= k:
        return found
    passed = values[found]
    least = np.partition(passed, len(passed) - k)[len(passed) - k]
    above, equal = found[passed > least], found[passed == least]
    return np.sort(np.concatenate([above, equal[: k - len(above)]]))


def _joined(parts: list[Any]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, np.float32)
