"""EASE: the linear autoencoder over items that is hard to beat on course data."""

from typing import Any, ClassVar, Self

import numpy as np

from recsys.candidates.item_item import Dense, ItemItemModel, compact, gram, ridge_inverse
from recsys.data.dataset import Dataset
from recsys.types import ReasonKind


class EaseModel(ItemItemModel):
    """B = I - P · diag(P)⁻¹ with P = (XᵀX + λI)⁻¹, zero diagonal.

    Steck, Embarrassingly shallow autoencoders for sparse data (WWW 2019). Trained on plain histories, it scores histories
    that fade with age (`power`): the newest courses say most about the next one. `penalty` is λ.
    """

    name: ClassVar[str] = "ease"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER

    def __init__(self, penalty: float = 100.0, power: float = 0.8) -> None:
        self.penalty = penalty
        self.power = power

    def fit(self, dataset: Dataset) -> Self:
        """Solve for B in closed form."""
        return self.solve(gram(dataset.histories.matrix()))

    def solve(self, normal: Dense) -> Self:
        """Fit from XᵀX (n_items, n_items), which several penalties can share; it is left unchanged."""
        inverse = ridge_inverse(normal, self.penalty)
        inverse /= -np.diag(inverse)
        np.fill_diagonal(inverse, 0)
        self.weights_ = compact(inverse)
        return self

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"penalty": self.penalty, "power": self.power}
