"""Courses that read alike."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.item_item import ItemItemModel, strongest
from recsys.data.dataset import Dataset
from recsys.features.text import TextVectorizer, item_text
from recsys.types import Item, ReasonKind


class ContentModel(ItemItemModel):
    """Cosine of TF-IDF vectors between each course of the history and the item.

    Only the `k` closest courses of an item count. Items without text score 0; items the training never saw can be placed
    among the others by `similarity`.
    """

    name: ClassVar[str] = "content"
    reason: ClassVar[ReasonKind] = ReasonKind.SIMILAR_CONTENT
    learned: ClassVar[tuple[str, ...]] = ("weights_", "vectors_", "idf_")
    vectors_: sparse.csr_matrix
    idf_: npt.NDArray[np.float32]

    def __init__(self, power: float = 1.0, k: int = 100, max_terms: int = 30_000) -> None:
        self.power = power
        self.k = k
        self.max_terms = max_terms

    def fit(self, dataset: Dataset) -> Self:
        """Vectorize the items and compare all pairs."""
        self.vectorizer_ = TextVectorizer(self.max_terms)
        self.vectors_ = self.vectorizer_.fit_transform([item_text(item) for item in dataset.items])
        self.idf_ = self.vectorizer_.idf_
        alike = sparse.csr_matrix(self.vectors_ @ self.vectors_.T)
        alike.setdiag(0)
        self.weights_ = sparse.csr_matrix(strongest(alike, self.k).T)
        return self

    def similarity(self, items: Sequence[Item]) -> sparse.csr_matrix:
        """Cosine of items, new ones too, to the items of the training: shape (len(items), n_items)."""
        self.require_fitted()
        return sparse.csr_matrix(self.vectorizer_.transform(item_text(item) for item in items) @ self.vectors_.T)

    def shared_terms(self, left: Sequence[Item], right: Sequence[Item], limit: int = 3) -> tuple[str, ...]:
        """The terms that make two groups of items alike, the heaviest first (stems)."""
        self.require_fitted()
        a, b = (np.asarray(self.vectorizer_.transform(map(item_text, part)).sum(axis=0)).ravel() for part in (left, right))
        product = a * b
        best = np.argsort(-product, kind="stable")[:limit]
        return tuple(self.vectorizer_.terms_[i] for i in best if product[i] > 0)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"power": self.power, "k": self.k, "max_terms": self.max_terms}

    def values(self) -> dict[str, Any]:
        """The vocabulary."""
        return {"terms": list(self.vectorizer_.terms_)}

    def restore(self, values: dict[str, Any]) -> None:
        """Rebuild the vectorizer."""
        self.vectorizer_ = TextVectorizer(self.max_terms).restore(values["terms"], self.idf_)
