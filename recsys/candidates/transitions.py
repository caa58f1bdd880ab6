"""Transition counts: which course follows which in learners' histories."""

from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse

from recsys.candidates.item_item_base import ItemItemModel, dense_if_small
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories, transition_counts
from recsys.types import ReasonKind


class TransitionModel(ItemItemModel):
    """weights[a, b] = Σ decay^(gap - 1) over times b followed a within `steps`, / (the same summed over all b + shrinkage).

    A Markov chain with skips (Rendle et al., WWW 2010, without the factors). A history is scored by its last `steps`
    events.
    """

    name: ClassVar[str] = "transitions"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_NEXT

    def __init__(self, steps: int = 10, decay: float = 0.8, shrinkage: float = 5.0, power: float = 1.5) -> None:
        self.steps = steps
        self.decay = decay
        self.shrinkage = shrinkage
        self.power = power

    def fit(self, dataset: Dataset) -> Self:
        """Count and normalize."""
        counts = transition_counts(dataset.histories, self.steps, self.decay)
        totals = np.asarray(counts.sum(axis=1)).ravel() + self.shrinkage
        scale = np.divide(1, totals, out=np.zeros_like(totals), where=totals > 0).astype(np.float32)
        self.weights_ = dense_if_small(sparse.csr_matrix(sparse.diags(scale) @ counts))
        return self

    def interest(self, histories: Histories) -> FloatArray:
        """The last `steps` events, fading with age."""
        values = histories.interest(self.power)
        values[histories.age >= self.steps] = 0
        return values

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"steps": self.steps, "decay": self.decay, "shrinkage": self.shrinkage, "power": self.power}
