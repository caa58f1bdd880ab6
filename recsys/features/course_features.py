"""Course features as arrays: topics, skills, level and duration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.types import LEVELS, Item


@dataclass(frozen=True)
class CourseFeatures:
    """Facts of n items. `topics` and `skills` are n × labels of 0 and 1 (float32), their columns named alongside.

    `level` is the position in recsys.types.LEVELS, -1 where unknown; `minutes` is NaN where unknown.
    """

    topics: sparse.csr_matrix
    topic_names: tuple[str, ...]
    skills: sparse.csr_matrix
    skill_names: tuple[str, ...]
    level: npt.NDArray[np.int8]
    minutes: npt.NDArray[np.float32]

    @classmethod
    def of(cls, items: Sequence[Item]) -> "CourseFeatures":
        """The features of `items`, rows in their order, columns sorted by name."""
        topics, topic_names = one_hot(items, lambda item: item.topics)
        skills, skill_names = one_hot(items, lambda item: item.skills)
        level = np.array([LEVELS.index(item.level) if item.level in LEVELS else -1 for item in items], np.int8)
        minutes = np.array([np.nan if item.duration_minutes is None else item.duration_minutes for item in items], np.float32)
        return cls(topics, topic_names, skills, skill_names, level, minutes)


def one_hot(items: Sequence[Item], labels: Callable[[Item], tuple[str, ...]]) -> tuple[sparse.csr_matrix, tuple[str, ...]]:
    """Which labels each item has, (n_items, labels) of 0 and 1 (float32), and the labels, sorted."""
    names = tuple(sorted({label for item in items for label in labels(item)}))
    column = {name: index for index, name in enumerate(names)}
    cells = [(row, column[label]) for row, item in enumerate(items) for label in dict.fromkeys(labels(item))]
    rows, columns = (np.array([cell[axis] for cell in cells], np.int32) for axis in (0, 1))
    ones = np.ones(len(cells), np.float32)
    return sparse.csr_matrix((ones, (rows, columns)), shape=(len(items), len(names))), names
