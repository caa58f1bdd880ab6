"""LSA: the cosine of courses in latent semantic dimensions of their texts."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from recsys.candidates.item_item_base import Dense, ItemItemModel
from recsys.candidates.nearest_items import nearest
from recsys.data.dataset import Dataset
from recsys.features.text import TextVectorizer, item_text
from recsys.features.truncated_svd import right_singular_vectors, unit_length
from recsys.threads import one_thread
from recsys.types import Item, ReasonKind


class LsaModel(ItemItemModel):
    """Cosine between each course of the history and the item in `rank` latent dimensions of their TF-IDF vectors.

    Deerwester et al., Indexing by latent semantic analysis (JASIS 1990): terms that occur in the same courses share
    dimensions, so that two courses can be alike without a word in common. Only the `k` closest courses of an item count.
    Items without text score 0; items the training never saw can be placed among the others by `similarity`.
    """

    name: ClassVar[str] = "lsa"
    reason: ClassVar[ReasonKind] = ReasonKind.SIMILAR_CONTENT
    learned: ClassVar[tuple[str, ...]] = ("weights_", "latent_", "factors_", "idf_")
    latent_: Dense  # (n_items, rank), rows of length 1
    factors_: Dense  # (rank, terms)
    idf_: npt.NDArray[np.float32]

    def __init__(self, rank: int = 128, power: float = 1.0, k: int = 100, max_terms: int = 30_000, seed: int = 0) -> None:
        self.rank = rank
        self.power = power
        self.k = k
        self.max_terms = max_terms
        self.seed = seed

    def fit(self, dataset: Dataset) -> Self:
        """Vectorize, decompose, and compare all pairs."""
        self.vectorizer_ = TextVectorizer(self.max_terms)
        vectors = self.vectorizer_.fit_transform([item_text(item) for item in dataset.items])
        self.idf_ = self.vectorizer_.idf_
        self.factors_ = right_singular_vectors(vectors, self.rank, self.seed)
        self.latent_ = unit_length(vectors @ self.factors_.T)
        self.weights_ = nearest(self.latent_, self.latent_, self.k)
        return self

    def similarity(self, items: Sequence[Item]) -> Dense:
        """Cosine of items, new ones too, to the items of the training: shape (len(items), n_items)."""
        self.require_fitted()
        vectors = self.vectorizer_.transform(item_text(item) for item in items)
        with one_thread():
            return np.asarray(unit_length(vectors @ self.factors_.T) @ self.latent_.T, np.float32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"rank": self.rank, "power": self.power, "k": self.k, "max_terms": self.max_terms, "seed": self.seed}

    def json_state(self) -> dict[str, Any]:
        """The vocabulary."""
        return {"terms": list(self.vectorizer_.terms_)}

    def restore(self, values: dict[str, Any]) -> None:
        """Rebuild the vectorizer."""
        self.vectorizer_ = TextVectorizer(self.max_terms).restore(values["terms"], self.idf_)
