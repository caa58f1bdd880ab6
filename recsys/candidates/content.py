"""Content similarity: the cosine of courses' TF-IDF text vectors."""

from typing import Any, ClassVar, Self

from scipy import sparse

from recsys.candidates.base import Model
from recsys.candidates.item_item_base import Dense, ItemItemModel, top_entries_per_row
from recsys.data.dataset import Dataset
from recsys.features.text_index import text_index
from recsys.types import ReasonKind


class ContentModel(ItemItemModel):
    """Cosine of TF-IDF vectors between each course of the history and the item.

    Only the `k` closest courses of an item count. Items without text score 0.
    """

    name: ClassVar[str] = "content"
    reason: ClassVar[ReasonKind] = ReasonKind.SIMILAR_CONTENT

    def __init__(self, power: float = 1.0, k: int = 100, max_terms: int = 30_000) -> None:
        self.power = power
        self.k = k
        self.max_terms = max_terms

    def fit(self, dataset: Dataset) -> Self:
        """Compare all pairs of items."""
        vectors = text_index(dataset.items, self.max_terms).vectors
        alike = sparse.csr_matrix(vectors @ vectors.T)
        alike.setdiag(0)
        self.weights_ = sparse.csr_matrix(top_entries_per_row(alike, self.k).T)
        return self

    def refit(self, dataset: Dataset, pairs: Dense | None = None) -> Model:
        """See Model: itself, as it reads nothing of histories."""
        return self if hasattr(self, "weights_") else self.fit(dataset)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"power": self.power, "k": self.k, "max_terms": self.max_terms}
