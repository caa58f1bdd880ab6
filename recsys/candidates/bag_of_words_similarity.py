"""Bag-of-words similarity: the cosine of courses' term counts."""

from typing import Any, ClassVar, Self

from recsys.candidates.item_item_base import ItemItemModel
from recsys.candidates.nearest_items import nearest
from recsys.data.dataset import Dataset
from recsys.features.text import TextVectorizer, item_text, unit_rows
from recsys.types import ReasonKind


class CourseSimilarityModel(ItemItemModel):
    """Cosine of term counts (bag of words, stop words out) between each course of the history and the item.

    The vector space model (Salton, Wong & Yang, CACM 1975) without term weights; `content` is the same with TF-IDF. Only the
    `k` closest courses of an item count.
    """

    name: ClassVar[str] = "course_similarity"
    reason: ClassVar[ReasonKind] = ReasonKind.SIMILAR_CONTENT

    def __init__(self, power: float = 1.0, k: int = 100, max_terms: int = 30_000) -> None:
        self.power = power
        self.k = k
        self.max_terms = max_terms

    def fit(self, dataset: Dataset) -> Self:
        """Count terms and compare all pairs."""
        texts = [item_text(item) for item in dataset.items]
        bags = unit_rows(TextVectorizer(self.max_terms).fit(texts).counts(texts))
        self.weights_ = nearest(bags, bags, self.k)
        return self

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"power": self.power, "k": self.k, "max_terms": self.max_terms}
