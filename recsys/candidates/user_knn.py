"""User-kNN: votes of the learners with the most similar histories."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys import kernels
from recsys.candidates.recency import Dense, RecencyModel
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.data.top_values import Index
from recsys.errors import MisfitError
from recsys.faults import Fault
from recsys.types import ReasonKind


class UserKnnModel(RecencyModel):
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

    def interest(self, histories: Histories) -> FloatArray:
        """The last `steps` events, fading with age; all alike where order means nothing."""
        values = super().interest(histories)
        if self.ordered_:
            values[histories.age >= self.steps] = 0
        return values

    def score(self, histories: Histories) -> Dense:
        """Votes of the neighbors, learner by learner: what one costs does not depend on how many are asked for."""
        self.require_fitted()
        if histories.n_items != self.taken_.shape[1]:
            raise MisfitError(Fault.ITEM_COUNT_DIFFERS, model=self.name, known=self.taken_.shape[1], items=histories.n_items)
        scores = np.zeros((len(histories), histories.n_items), np.float32)
        if len(histories) == 1:
            self._add_votes(scores[0], self._cached_neighbors(histories))
            return scores
        interest = self.interest(histories)
        for row in range(len(histories)):
            part = slice(histories.indptr[row], histories.indptr[row + 1])
            self._add_votes(scores[row], self._neighbors(histories.items[part], interest[part]))
        return scores

    def contributions(self, history: Histories, item: int) -> FloatArray:
        """What each shared course adds through the neighbors it made."""
        parts: FloatArray = self.contributions_to(history, [item])[0]
        return parts

    def contributions_to(self, history: Histories, items: Sequence[int]) -> Dense:
        """Contributions of each event of the single-row `history` to each of `items`, (len(items), events); see `Model`."""
        self.require_fitted()
        near = self._cached_neighbors(history)
        contributions = np.zeros((len(items), len(history.items)), np.float32)
        place = np.full(history.n_items, -1, np.int32)
        place[items] = np.arange(len(items))
        voters = near.learners, near.sizes, near.anchors, self._closeness_by_gap
        kernels.split_votes(
            contributions, self.taken_.indptr, self.taken_.indices, *voters, near.shared, near.interest_in, near.event_of, place
        )
        return contributions

    def restore(self, values: dict[str, Any]) -> None:
        """See RecencyModel; MisfitError where the arrays do not belong together."""
        super().restore(values)
        if not self.taken_.shape == self.takers_.shape[::-1] == (len(self.roots_), self.taken_.shape[1]):
            raise MisfitError(Fault.TAKERS_MISFIT)
        longest = np.diff(self.taken_.indptr).max(initial=0)
        if self.ordered_ and not longest <= self.last <= self.taken_.nnz + 1_000:  # closeness is looked up without asking
            raise MisfitError(Fault.HISTORIES_TOO_LONG, longest=longest, limit=self.last)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("k", "shrinkage", "sharpness", "power", "decay", "before", "steps", "last", "learners", "seed")
        return {name: getattr(self, name) for name in names}

    def _cached_neighbors(self, history: Histories) -> "Neighbors":
        """The neighbors of a single-row history; an explanation asks for those of the score it explains."""
        if self not in history.cache_by_model:
            history.cache_by_model[self] = self._neighbors(history.items, self.interest(history))
        near: Neighbors = history.cache_by_model[self]
        return near

    def _neighbors(self, items: npt.NDArray[np.int32], interest: FloatArray) -> "Neighbors":
        """The nearest learners: of all others only the takers of these items are ever looked at."""
        takers, taken = self.takers_, self.taken_
        near = kernels.nearest_learners(takers.indptr, takers.indices, self.roots_, items, interest, self.shrinkage, self.k)
        learners, shared, similarity = near
        if len(learners) > self.k:
            kept = (-similarity).argsort(kind="stable")[: self.k]
            learners, shared, similarity = learners[kept], shared[kept], similarity[kept]
        newest = kernels.strongest_shared_item_by_learner(taken.indptr, taken.indices, learners, items, interest, taken.shape[1])
        return Neighbors(learners, similarity ** np.float32(self.sharpness), shared, *newest)

    def _add_votes(self, total: FloatArray, near: "Neighbors") -> None:
        kernels.add_votes(total, self.taken_.indptr, self.taken_.indices, near.learners, near.sizes, near.anchors, self._closeness_by_gap)

    @cached_property
    def _closeness_by_gap(self) -> FloatArray:
        """Closeness of two events by their gap, from -last to last; empty where order means nothing."""
        if not self.ordered_:
            return np.empty(0, np.float32)
        gap = np.arange(-self.last, self.last + 1)
        faded = np.power(self.decay, np.maximum(np.abs(gap) - 1, 0))
        return np.asarray(np.where(gap < 0, self.before, 1) * faded, np.float32)


@dataclass(frozen=True, slots=True)
class Neighbors:
    """The learners nearest to one, what each counts (`sizes`), the interest `shared` with each, and where in `taken_` the course of
    highest interest each shares stands (`anchors`); `interest_in` and `event_of` (n_items,) are the asking learner's: interest in a
    course, and the event it stands for."""

    learners: Index
    sizes: FloatArray
    shared: FloatArray
    anchors: Index
    interest_in: FloatArray
    event_of: npt.NDArray[np.int32]
