"""What learners with a similar history took, and when."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.base import Quality
from recsys.candidates.climbing import climb
from recsys.candidates.fading import Dense, FadingModel
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.data.largest import Index, kth_largest, largest
from recsys.types import ReasonKind

_LEAST_ROOT = np.float32(math.sqrt(2) * (1 - 1e-6))  # neighbors took two courses or more; a little less, as bounds are rounded

IN_ORDER = {"sharpness": (2.0, 3.0, 4.0, 6.0)}
WITHOUT_ORDER = {**IN_ORDER, "shrinkage": (0.0, 3.0, 10.0, 30.0)}


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
    taken_: sparse.csr_matrix  # learners × n_items, 1 where taken, each row in the order of its history
    takers_: sparse.csr_matrix  # n_items × learners, the taker's entry of roots_ where taken
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
        shape = (len(rows), dataset.n_items)
        self.taken_ = sparse.csr_matrix((np.ones(len(events.items), np.float32), events.items, events.indptr), shape)
        self.roots_ = np.sqrt(np.diff(events.indptr)).astype(np.float32)
        self.takers_ = sparse.csr_matrix((self.roots_.repeat(np.diff(events.indptr)), (events.items, events.rows)), shape[::-1])

    def tune(self, train: Dataset, quality: Quality, *, content: bool = True, until: float = math.inf) -> "UserKnnModel":
        """See Model: how much nearer neighbors count more, which needs no new fit."""
        return climb(self.fit(train), IN_ORDER if train.ordered else WITHOUT_ORDER, self._view, quality, until)

    def _view(self, params: dict[str, Any]) -> "UserKnnModel":
        """The same learners asked in another way; arrays are shared, not copied."""
        other = UserKnnModel(**params)
        other.ordered_, other.taken_, other.takers_, other.roots_ = self.ordered_, self.taken_, self.takers_, self.roots_
        return other

    def interest(self, histories: Histories) -> FloatArray:
        """The last `steps` events, fading with age; all alike where order means nothing."""
        values = super().interest(histories)
        if self.ordered_:
            values[histories.age >= self.steps] = 0
        return values

    def score(self, histories: Histories) -> Dense:
        """Votes of the neighbors, learner by learner: what one costs does not depend on how many are asked for."""
        self.require_fitted()
        interest = self.interest(histories)
        if len(histories) == 1:
            return self._asked(histories, interest).scores(histories.n_items)[None, :]
        scores = np.empty((len(histories), histories.n_items), np.float32)
        for row in range(len(histories)):
            part = slice(histories.indptr[row], histories.indptr[row + 1])
            scores[row] = self._votes(histories.items[part], interest[part], histories.n_items).scores(histories.n_items)
        return scores

    def contributions(self, history: Histories, item: int) -> FloatArray:
        """What each shared course adds through the neighbors it made."""
        parts: FloatArray = self.contributions_to(history, [item])[0]
        return parts

    def contributions_to(self, history: Histories, items: Sequence[int]) -> Dense:
        """Contributions of each event of the single-row `history` to each of `items`, (len(items), events); see `Model`."""
        self.require_fitted()
        interest = self.interest(history)
        votes = self._asked(history, interest)
        place = np.full(history.n_items, -1)
        place[items] = np.arange(len(items))
        row = place.take(votes.items)
        wanted = (row >= 0).nonzero()[0]
        by_neighbor = np.zeros((len(items), len(votes.shared)), np.float32)
        by_neighbor[row[wanted], votes.pair[wanted]] = votes.sizes[wanted] / votes.shared[votes.pair[wanted]]
        event = np.zeros(history.n_items, np.int64)
        counted = interest.nonzero()[0]
        event[history.items[counted]] = counted
        shares = np.zeros((len(votes.shared), len(history.items)), np.float32)
        shares[votes.pair[votes.common], event[votes.items[votes.common]]] = votes.asked
        return np.asarray(by_neighbor @ shares, np.float32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("k", "shrinkage", "sharpness", "power", "decay", "before", "steps", "last", "learners", "seed")
        return {name: getattr(self, name) for name in names}

    def _asked(self, history: Histories, interest: FloatArray) -> "Votes":
        """The votes on a single-row history; an explanation asks for those of the score it explains."""
        if self not in history.notes:
            history.notes[self] = self._votes(history.items, interest, history.n_items)
        votes: Votes = history.notes[self]
        return votes

    def _votes(self, items: npt.NDArray[np.int32], interest: FloatArray, n_items: int) -> "Votes":
        """Every course of every neighbor of one learner."""
        learners, shared, similarity = self._neighbors(items, interest)
        starts = self.taken_.indptr.take(learners)
        lengths = self.taken_.indptr.take(learners + 1) - starts
        first = lengths.cumsum() - lengths
        pair = np.arange(len(learners)).repeat(lengths)
        cell = np.arange(len(pair))
        found = self.taken_.indices.take((starts - first).take(pair) + cell)
        table = np.zeros(n_items, np.float32)
        used = interest.nonzero()[0]
        table[items[used]] = interest[used]
        common = table.take(found).nonzero()[0]
        asked, whose = table.take(found[common]), pair[common]
        sizes = similarity.take(pair)
        if self.ordered_ and len(pair):
            order = asked.argsort(kind="stable")
            anchor = np.empty(len(learners), np.int64)
            anchor[whose[order]] = common[order]  # of several shared courses the newest is written last
            cell -= (anchor - self.last).take(pair)
            sizes *= self._closeness.take(cell)
        return Votes(pair, found, sizes, shared, common, asked)

    def _neighbors(self, items: npt.NDArray[np.int32], interest: FloatArray) -> tuple[Index, FloatArray, FloatArray]:
        """The nearest learners, ascending, the interest in what each shares, and similarity^sharpness.

        Shared interest is summed up over the takers of each course: of all learners only those few are ever looked at.
        """
        starts, used = self.takers_.indptr, interest.nonzero()[0]
        parts = [slice(starts[item], starts[item + 1]) for item in items[used].tolist()]
        if not any(part.stop > part.start for part in parts):
            return np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.float32)
        everyone = np.concatenate([self.takers_.indices[part] for part in parts], dtype=np.intp)
        sums = np.zeros(self.takers_.shape[1], np.float32)
        np.add.at(sums, everyone, interest[used].repeat([part.stop - part.start for part in parts]))
        size, shrinkage = np.float32(math.sqrt(float(interest @ interest))), np.float32(self.shrinkage)
        # The k-th nearest of those who took one of the courses is no nearer than the k-th of all: few others are looked at.
        some = parts[-1] if parts[-1].stop - parts[-1].start >= self.k else max(parts, key=lambda part: part.stop - part.start)
        alike = sums.take(self.takers_.indices[some]) / (size * self.takers_.data[some] + shrinkage)
        bound = kth_largest(alike, self.k)
        learners = (sums >= bound * (size * _LEAST_ROOT + shrinkage) if bound > 0 else sums > 0).nonzero()[0]
        similarity = sums.take(learners) / (size * self.roots_.take(learners) + shrinkage)
        if len(learners) > self.k:
            kept = largest(similarity, self.k)
            learners, similarity = learners[kept], similarity[kept]
        return learners, sums.take(learners), np.asarray(similarity**self.sharpness, np.float32)

    @cached_property
    def _closeness(self) -> FloatArray:
        """By gap from -last to last."""
        gap = np.arange(-self.last, self.last + 1)
        faded = np.power(self.decay, np.maximum(np.abs(gap) - 1, 0))
        return np.asarray(np.where(gap < 0, self.before, 1) * faded, np.float32)


@dataclass(frozen=True, slots=True)
class Votes:
    """What the neighbors of one learner took, one entry per course of each: `pair` says whose (place among the neighbors), `items`
    which, `sizes` what it counts. `shared` is the interest shared with each neighbor; it comes from the entries `common`,
    each of which the learner has an interest `asked` in."""

    pair: Index
    items: npt.NDArray[np.int32]
    sizes: FloatArray
    shared: FloatArray
    common: Index
    asked: FloatArray

    def scores(self, n_items: int) -> Dense:
        """The sum of votes per item."""
        return np.bincount(self.items, self.sizes, n_items).astype(np.float32)
