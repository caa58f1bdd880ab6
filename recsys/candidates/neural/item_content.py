"""Item content: dense feature rows for nets."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recsys.features.course_features import CourseFeatures
from recsys.features.text import TextVectorizer, item_text
from recsys.features.truncated_svd import right_singular_vectors, unit_length
from recsys.types import LEVELS, Item

_TOPICS = 200


def label_matrix(items: Sequence[Item]) -> npt.NDArray[np.float32]:
    """(items, 1 + topics + levels): a one, then topics (the 200 most used; they share a length of 1) and level as 0 and 1."""
    features = CourseFeatures.of(items)
    used = np.asarray(features.topics.sum(axis=0)).ravel()
    topics = features.topics[:, np.sort(np.argsort(-used, kind="stable")[:_TOPICS])].toarray()
    levels = features.level[:, None] == np.arange(len(LEVELS))
    return np.hstack([np.ones((len(items), 1)), unit_length(topics), levels]).astype(np.float32)


def content_rows(items: Sequence[Item], rank: int, seed: int) -> npt.NDArray[np.float32]:
    """`label_matrix` and beside them the text in up to `rank` latent dimensions (TF-IDF, LSA), rows of length 1."""
    vectors = TextVectorizer().fit_transform([item_text(item) for item in items])
    latent = unit_length(np.asarray(vectors @ right_singular_vectors(vectors, rank, seed).T, np.float32))
    return np.hstack([label_matrix(items), latent]).astype(np.float32)
