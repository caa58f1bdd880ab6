"""Content similarity of courses by texts and labels."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.features.course_features import one_hot
from recsys.features.text import unit_rows
from recsys.features.text_index import text_index
from recsys.types import Item

_BLOCK = 512  # rows at a time: the sparse product stays small in memory


def content_similarity(items: Sequence[Item]) -> npt.NDArray[np.float32]:
    """Mean of two cosines, of TF-IDF text vectors and of labels, (n_items, n_items); symmetric, positive semidefinite, between 0
    and 1. Zeros where nothing is written."""
    sides = sparse.csr_matrix(sparse.hstack([text_index(items).vectors, label_vectors(items)]) * np.float32(np.sqrt(0.5)))
    alike = np.empty((len(items), len(items)), np.float32)
    for start in range(0, len(items), _BLOCK):
        alike[start : start + _BLOCK] = (sides[start : start + _BLOCK] @ sides.T).toarray()
    return alike


def label_vectors(items: Sequence[Item]) -> sparse.csr_matrix:
    """Tags, topics, skills and level as rows of length 1 (or 0), (n_items, labels): a label counts ln((1 + n) / (1 + courses with
    it)); one that a single course has is left out."""
    marks, _ = one_hot(items, lambda item: tuple(_labels(item)))
    held = np.asarray(marks.sum(axis=0)).ravel()
    worth = np.where(held >= 2, np.log((1 + len(items)) / (1 + held)), 0)
    return unit_rows(sparse.csr_matrix(marks @ sparse.diags(worth.astype(np.float32))))


def _labels(item: Item) -> Iterable[str]:
    for kind, labels in (("tag", item.tags), ("topic", item.topics), ("skill", item.skills)):
        yield from (f"{kind}:{label}" for label in labels)
    if item.level:
        yield f"level:{item.level}"
