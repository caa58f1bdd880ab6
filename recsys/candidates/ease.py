"""EASE: the linear autoencoder over items that is hard to beat on course data."""

from typing import Any, ClassVar, Self

import numpy as np

from recsys.candidates.item_item import ItemItemModel, gram, ridge_inverse
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.types import ReasonKind


class EaseModel(ItemItemModel):
    """B = I - P · diag(P)⁻¹ with P = (XᵀX + λI)⁻¹, zero diagonal.

    Steck, Embarrassingly shallow autoencoders for sparse data (WWW 2019). Trained on plain histories, it scores histories
    in which an event counts 2^(-age / half_life): the newest courses say most about the next one.
    """

    name: ClassVar[str] = "ease"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER

    def __init__(self, penalty: float = 100.0, half_life: float | None = 3.0) -> None:
        self.penalty = penalty
        self.half_life = half_life

    def fit(self, dataset: Dataset) -> Self:
        inverse = ridge_inverse(gram(dataset.histories.matrix()), self.penalty)
        inverse /= -np.diag(inverse)
        np.fill_diagonal(inverse, 0)
        self.weights_ = inverse
        return self

    def interest(self, histories: Histories) -> FloatArray:
        return histories.values(self.half_life)

    def params(self) -> dict[str, Any]:
        return {"penalty": self.penalty, "half_life": self.half_life}
