"""What comes next, regressed: transitions that know about each other."""

from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse

from recsys.candidates.item_item import ItemItemModel, cross, gram, ridge_inverse
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.types import ReasonKind


class DirectedModel(ItemItemModel):
    """W = (XᵀX + λI)⁻¹ XᵀY, a row of X for every event: the learner's history before it, an event g steps back counting
    2^(-g / half_life); Y marks the event itself.

    Ridge regression of the next course on the history (an ordered EASE; compare Choi et al., SLIST, WWW 2021). Only the
    last `steps` courses count: the weight of older ones is negligible and they cost the most.
    """

    name: ClassVar[str] = "directed"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_NEXT

    def __init__(self, penalty: float = 50.0, half_life: float = 2.0, steps: int = 12) -> None:
        self.penalty = penalty
        self.half_life = half_life
        self.steps = steps

    def fit(self, dataset: Dataset) -> Self:
        events = dataset.histories.keep(dataset.histories.weights > 0)
        before, targets = prefixes(events, self.steps, self.half_life)
        self.weights_ = ridge_inverse(gram(before), self.penalty) @ cross(before, targets)
        np.fill_diagonal(self.weights_, 0)
        return self

    def interest(self, histories: Histories) -> FloatArray:
        return np.where(histories.age < self.steps, histories.values(self.half_life), np.float32(0))

    def params(self) -> dict[str, Any]:
        return {"penalty": self.penalty, "half_life": self.half_life, "steps": self.steps}


def prefixes(events: Histories, steps: int, half_life: float) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """For every event with a history: that history (at most `steps` events, decayed) and the event, as rows of n_items."""
    place = np.arange(len(events.items)) - events.indptr[events.rows]
    size = np.minimum(place, steps)
    targets = np.flatnonzero(size > 0)
    size = size[targets]
    indptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    gap = np.arange(indptr[-1]) - np.repeat(indptr[:-1], size)  # 0 for the event just before the target
    columns = events.items[np.repeat(targets, size) - 1 - gap]
    values = np.exp2(-gap / np.float32(half_life)).astype(np.float32)
    shape = (len(targets), events.n_items)
    before = sparse.csr_matrix((values, columns, indptr), shape=shape)
    before.sum_duplicates()
    before.data = np.minimum(before.data, 1)  # a course taken twice is not more than taken
    ones = np.ones(len(targets), np.float32)
    return before, sparse.csr_matrix((ones, events.items[targets], np.arange(len(targets) + 1)), shape=shape)
