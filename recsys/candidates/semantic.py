"""Semantic similarity: the cosine of courses' sentence embeddings."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from recsys.candidates.base import Model
from recsys.candidates.item_item_base import Dense, ItemItemModel
from recsys.candidates.nearest_items import nearest
from recsys.data.dataset import Dataset
from recsys.features.sentence_embeddings import available, embed
from recsys.features.truncated_svd import unit_length
from recsys.threads import one_thread
from recsys.types import Item, ReasonKind


class SemanticModel(ItemItemModel):
    """Cosine between the sentence embeddings of each course of the history and the item.

    Only the `k` closest courses of an item count. Items without text score 0. Fitting needs the extra (requirements-semantic.txt), as
    does placing new courses; a stored model scores without it.
    """

    name: ClassVar[str] = "semantic"
    reason: ClassVar[ReasonKind] = ReasonKind.SIMILAR_CONTENT
    learned: ClassVar[tuple[str, ...]] = ("weights_", "vectors_")
    vectors_: Dense  # (n_items, dimensions), rows of length 1

    def __init__(self, power: float = 1.0, k: int = 100) -> None:
        self.power = power
        self.k = k

    def fit(self, dataset: Dataset) -> Self:
        """Embed the items and compare all pairs. Raises RecsysError without the extra."""
        return self.fit_from_vectors(embed(list(map(embedding_text, dataset.items))))

    def fit_from_vectors(self, vectors: Dense) -> Self:
        """Compare all pairs of items by vectors that are known already, (n_items, dimensions)."""
        self.vectors_ = unit_length(vectors)
        self.weights_ = nearest(self.vectors_, self.vectors_, self.k)
        return self

    def refit(self, dataset: Dataset, pairs: Dense | None = None) -> Model:
        """See Model: itself, as it reads nothing of histories."""
        return self if hasattr(self, "weights_") else self.fit(dataset)

    def similarity(self, items: Sequence[Item]) -> Dense:
        """Cosine of items, new ones too, to the items of the training: shape (len(items), n_items)."""
        self.require_fitted()
        with one_thread():
            return np.asarray(embed(list(map(embedding_text, items))) @ self.vectors_.T, np.float32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"power": self.power, "k": self.k}


def embedding_text(item: Item) -> str:
    """An item as a text to embed: the chosen words first, as what stands too far back is not read."""
    return ". ".join(filter(None, (item.title, *item.tags, *item.topics, *item.skills, item.description)))


def models() -> dict[str, type[Model]]:
    """The model by name; empty where its extra is not installed."""
    return {SemanticModel.name: SemanticModel} if available() else {}
