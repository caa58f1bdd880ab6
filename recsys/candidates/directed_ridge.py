"""Directed ridge regression: each next course predicted from the courses before it."""

import math
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.base import Model, Quality
from recsys.candidates.coordinate_search import tune_by_coordinate
from recsys.candidates.item_item_base import Dense, ItemItemModel, cross_product, gram, ridge_solve, sparse_if_large
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories, prefixes, recency_weights
from recsys.threads import one_thread
from recsys.types import ReasonKind

GRID = {"fade": (0.0, 0.35), "balance": (0.0, 0.25), "penalty": (20.0, 50.0, 100.0, 200.0)}


class DirectedModel(ItemItemModel):
    """Ridge regression of every event on the history before it, with weights of its own for the newest course.

    Minimizes Σ v ‖y - l·A - r·B‖² + λ(‖A‖² + ‖B‖²) over all events: y marks the event, l the course just before it, r those
    before that, g steps back counting (1 + g)^(-power); A and B are the halves of `weights_` (2 · n_items, n_items). An ordered
    EASE (compare Choi et al., SLIST, WWW 2021), solved exactly through its Schur complement, as l holds a single course.

    The newest events tell most about what comes next, and long histories would drown the others:
    v = (1 + events after it)^(-fade) · (length of its history)^(-balance), worth .006 of NDCG@10 on MOOCCubeX. Only the last
    `steps` courses count: the weight of older ones is negligible and they cost the most.
    """

    name: ClassVar[str] = "directed"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_NEXT

    def __init__(self, penalty: float = 50.0, power: float = 0.8, steps: int = 20, fade: float = 0.35, balance: float = 0.25) -> None:
        self.penalty = penalty
        self.power = power
        self.steps = steps
        self.fade = fade
        self.balance = balance

    def fit(self, dataset: Dataset) -> Self:
        """Solve the normal equations over all prefixes of all histories."""
        events = dataset.histories.keep(dataset.histories.weights > 0)
        weigh = sparse.diags(np.sqrt(self._event_weights(events)))
        before, targets = (sparse.csr_matrix(weigh @ part) for part in prefixes(events, self.steps, self.power))
        newest, _ = prefixes(events, 1, self.power)
        newest = sparse.csr_matrix(weigh @ newest)
        earlier = sparse.csr_matrix(before - newest)
        earlier.eliminate_zeros()
        halves = self._solve(newest, earlier, targets)
        for half in halves:
            np.fill_diagonal(half, 0)
        self.weights_ = sparse_if_large(np.concatenate(halves))
        return self

    def tune(self, train: Dataset, quality: Quality, *, content: bool = True, until: float = math.inf) -> Model:
        """See Model: what an event counts and the penalty. Where order means nothing nothing is chosen: other parameters gain up to .026
        of NDCG@10 there (IBM capstone), but nothing in a blend."""
        self.fit(train)
        return tune_by_coordinate(self, GRID, lambda params: DirectedModel(**params).fit(train), quality, until) if train.ordered else self

    def _event_weights(self, events: Histories) -> FloatArray:
        """v: one value of mean 1 for each event that has a history."""
        followed = np.flatnonzero(np.arange(len(events.items)) > events.indptr[events.rows])
        length = np.diff(events.indptr)[events.rows[followed]]
        worth = (1.0 + events.age[followed]) ** -self.fade * length**-self.balance
        return np.asarray(worth / worth.mean() if len(worth) else worth, np.float32)

    def _solve(self, newest: sparse.csr_matrix, earlier: sparse.csr_matrix, targets: sparse.csr_matrix) -> tuple[Dense, Dense]:
        """A and B. The block of `newest` with itself is diagonal, so A goes out of the equations of B at the price of products."""
        own = np.asarray(newest.multiply(newest).sum(axis=0), np.float32).ravel() + np.float32(self.penalty)
        between, after_newest, after_earlier = (
            cross_product(newest, earlier),
            cross_product(newest, targets),
            cross_product(earlier, targets),
        )
        with one_thread():
            scaled = between / own[:, None]
            normal = np.asarray(gram(earlier) - scaled.T @ between, np.float32)
            after_earlier -= scaled.T @ after_newest
            of_earlier = ridge_solve(normal, after_earlier, self.penalty)
            of_newest = (after_newest - between @ of_earlier) / own[:, None]
        return of_newest, of_earlier

    def weight_row_indices(self, histories: Histories) -> npt.NDArray[np.int32]:
        """The newest event reads the first half of the weights, the others the second."""
        return np.where(self._steps_back(histories) > 0, histories.items + np.int32(histories.n_items), histories.items)

    def interest(self, histories: Histories) -> FloatArray:
        """The last `steps` events of interest, fading with their distance from the newest."""
        back = self._steps_back(histories)
        values = recency_weights(back, self.power)
        values[back >= self.steps] = 0
        return histories.largest_per_item(histories.values_times_event_weights(values))

    def _steps_back(self, histories: Histories) -> npt.NDArray[np.int32]:
        """Events of interest after each event."""
        if histories.all_positive:
            return histories.age
        wanted = np.concatenate([[0], np.cumsum(histories.weights > 0)])
        after = wanted[np.repeat(histories.indptr[1:], np.diff(histories.indptr))] - wanted[1:]
        return np.asarray(np.maximum(after, 0), np.int32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"penalty": self.penalty, "power": self.power, "steps": self.steps, "fade": self.fade, "balance": self.balance}
