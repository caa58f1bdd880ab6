"""Item-kNN: nearest courses by the shrunken cosine of their learners."""

from typing import Any, ClassVar, Self

import numpy as np
from scipy import sparse

from recsys.candidates.item_item_base import ItemItemModel, gram, top_entries_per_row
from recsys.data.dataset import Dataset
from recsys.types import ReasonKind


class ItemKnnModel(ItemItemModel):
    """similarity(i, j) = n_ij / (√(n_i n_j) + shrinkage), the `k` nearest of each item kept.

    Sarwar et al., Item-based collaborative filtering (WWW 2001); shrinkage after Bell & Koren (ICDM 2007): it keeps pairs
    seen together by few learners from looking alike.
    """

    name: ClassVar[str] = "item_knn"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER

    def __init__(self, k: int = 200, shrinkage: float = 20.0, power: float = 1.0) -> None:
        self.k = k
        self.shrinkage = shrinkage
        self.power = power

    def fit(self, dataset: Dataset) -> Self:
        """Compute similarities and keep the nearest."""
        together = gram(dataset.histories.matrix())
        size = np.sqrt(np.diag(together))
        similarity = together / (np.outer(size, size) + np.float32(self.shrinkage))
        np.fill_diagonal(similarity, 0)
        # Row j, column i: what taking j says for i, limited to the k items closest to i.
        self.weights_ = sparse.csr_matrix(top_entries_per_row(similarity, self.k).T)
        return self

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"k": self.k, "shrinkage": self.shrinkage, "power": self.power}
