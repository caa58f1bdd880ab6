"""Text index: TF-IDF vectors of items, and the similarity of others to them."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.data.state_store import load_state, save_state
from recsys.errors import ArtifactError
from recsys.faults import Fault
from recsys.features.text import TextVectorizer, item_text
from recsys.types import Item


class TextIndex:
    """TF-IDF vectors of items, (n_items, terms), and the vocabulary they were made with."""

    def __init__(self, vectorizer: TextVectorizer, vectors: sparse.csr_matrix) -> None:
        self.vectorizer = vectorizer
        self.vectors = vectors

    def similarity(self, items: Sequence[Item], rows: Sequence[int] | None = None) -> sparse.csr_matrix:
        """Cosine of items, new ones too, to those of the index: shape (len(items), n_items).

        `rows` says where in the index the text of an item stands as it is, -1 for nowhere; only those are read.
        """
        where = np.full(len(items), -1) if rows is None else np.asarray(rows, np.int64)
        indexed = where >= 0
        read = self.vectorizer.transform(item_text(item) for item, stands in zip(items, indexed, strict=True) if not stands)
        vectors = sparse.vstack([self.vectors[where[indexed]], read], format="csr")
        place = np.empty(len(items), np.int64)
        place[indexed], place[~indexed] = np.split(np.arange(len(items)), [indexed.sum()])
        return sparse.csr_matrix(vectors[place] @ self.vectors.T)

    def shared_terms(self, first: int, second: int, limit: int) -> list[str]:
        """The terms (stems) that make two items of the index alike, the heaviest first."""
        (a, x), (b, y) = (_row(self.vectors, place) for place in (first, second))
        shared, left, right = np.intersect1d(a, b, assume_unique=True, return_indices=True)
        best = np.argsort(-(x[left] * y[right]), kind="stable")[:limit]
        return [self.vectorizer.terms_[term] for term in shared[best]]

    def save(self, directory: Path) -> None:
        """Write arrays and vocabulary into `directory` (see recsys.data.state_store)."""
        arrays = {"vectors_": self.vectors, "idf_": self.vectorizer.idf_}
        save_state(directory, arrays, {"values": {"terms": list(self.vectorizer.terms_)}})

    @classmethod
    def load(cls, directory: Path) -> "TextIndex":
        """Read what `save` wrote, arrays memory-mapped read-only. Raises ArtifactError when it is damaged or foreign."""
        arrays, stored = load_state(directory)
        try:
            vectorizer = TextVectorizer().restore(stored["values"]["terms"], arrays["idf_"])
            return cls(vectorizer, arrays["vectors_"])
        except (TypeError, KeyError, ValueError) as error:
            raise ArtifactError(Fault.TEXTS_UNREADABLE, part=directory.name, error=error) from error


def text_index(items: Sequence[Item], max_terms: int = 30_000) -> TextIndex:
    """The index of some items. Of the last ones asked for it is kept: sources of a blend and its artifact read the same texts,
    and stemming them takes seconds."""
    return _build_index(tuple(items), max_terms)


@lru_cache(maxsize=1)
def _build_index(items: tuple[Item, ...], max_terms: int) -> TextIndex:
    vectorizer = TextVectorizer(max_terms)
    return TextIndex(vectorizer, vectorizer.fit_transform([item_text(item) for item in items]))


def _row(matrix: sparse.csr_matrix, row: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    part = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.indices[part], matrix.data[part]
