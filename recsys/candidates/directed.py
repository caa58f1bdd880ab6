"""What comes next, regressed: transitions that know about each other."""

from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse

from recsys.candidates.item_item import ItemItemModel, cross, gram, one_thread, ridge_inverse
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.types import ReasonKind


class DirectedModel(ItemItemModel):
    """W = (XᵀX + λI)⁻¹ XᵀY, a row of X for every event: the learner's history before it, an event g steps back counting
    (1 + g)^(-power), g from 0; Y marks the event itself.

    Ridge regression of the next course on the history (an ordered EASE; compare Choi et al., SLIST, WWW 2021). Only the
    last `steps` courses count: the weight of older ones is negligible and they cost the most.
    """

    name: ClassVar[str] = "directed"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_NEXT

    def __init__(self, penalty: float = 50.0, power: float = 0.7, steps: int = 20) -> None:
        self.penalty = penalty
        self.power = power
        self.steps = steps

    def fit(self, dataset: Dataset) -> Self:
        """Solve the normal equations over all prefixes of all histories."""
        events = dataset.histories.keep(dataset.histories.weights > 0)
        before, targets = prefixes(events, self.steps, self.power)
        inverse, following = ridge_inverse(gram(before), self.penalty), cross(before, targets)
        with one_thread():
            self.weights_ = inverse @ following
        np.fill_diagonal(self.weights_, 0)
        return self

    def interest(self, histories: Histories) -> FloatArray:
        """The last `steps` events, fading with age."""
        return np.where(histories.age < self.steps, histories.values(power=self.power), np.float32(0))

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"penalty": self.penalty, "power": self.power, "steps": self.steps}


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
