"""Series neighbors: courses published just before or after one by its creator."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.item_item_base import ItemItemModel, dense_if_small
from recsys.data.dataset import Dataset
from recsys.data.histories import transition_counts
from recsys.features.course_features import CourseFeatures
from recsys.types import Item, ReasonKind

Places = npt.NDArray[np.int64]


class SeriesModel(ItemItemModel):
    """weights[a, b] = p(d, s), b being published d ≤ `window` places after a (d < 0: before) by the same creator, s whether the
    two share a skill or topic.

    p(d, s) is how often a history went on to such a course, out of the times there was one: counted over neighbors of a history
    up to `steps` apart, each step further a fraction `decay` of the one before. These are two curves for all courses, so a course
    nobody has taken is reached from the lesson before it. Courses without a creator are one series. Courses without a date of
    publishing are in none, and of two that were published at the same moment neither is next to the other: the order of a file's
    ids may be that in which learners met them, and would give away what is to be predicted.
    """

    name: ClassVar[str] = "series"
    reason: ClassVar[ReasonKind] = ReasonKind.SERIES

    def __init__(self, window: int = 20, steps: int = 5, decay: float = 0.8, power: float = 1.5) -> None:
        self.window = window
        self.steps = steps
        self.decay = decay
        self.power = power

    def fit(self, dataset: Dataset) -> Self:
        """Find the neighbors, count what was gone on to, and give every pair its chance."""
        first, second, distance = _neighbors(dataset.items, self.window)
        kind = 2 * (distance + self.window) + _share_skill_or_topic(dataset.items, first, second)
        counts = transition_counts(dataset.histories, self.steps, self.decay)
        if not dataset.ordered:
            counts = sparse.csr_matrix(counts + counts.T)
        kinds = 2 * (2 * self.window + 1)
        went = np.bincount(kind, np.asarray(counts[first, second]).ravel(), kinds)
        could = np.bincount(kind, np.asarray(counts.sum(axis=1)).ravel()[first], kinds)
        chance = np.divide(went, could, out=np.zeros(kinds), where=could > 0).astype(np.float32)
        weights = sparse.csr_matrix((chance[kind], (first, second)), shape=(dataset.n_items,) * 2)
        weights.eliminate_zeros()
        self.weights_ = dense_if_small(weights)
        return self

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"window": self.window, "steps": self.steps, "decay": self.decay, "power": self.power}


def _neighbors(items: Sequence[Item], window: int) -> tuple[Places, Places, Places]:
    """All pairs of a series at most `window` places apart: first, second, and how many places further the second stands."""
    creators = {creator: number for number, creator in enumerate(dict.fromkeys(item.creator for item in items))}
    dated = np.array([index for index, item in enumerate(items) if item.published is not None], np.int64)
    published = np.array([items[index].published for index in dated], np.float64)
    series = np.array([creators[items[index].creator] for index in dated], np.int64)
    order = np.lexsort((dated, published, series))
    dated, series, published = dated[order], series[order], published[order]
    first, second, distance = [dated[:0]], [dated[:0]], [dated[:0]]
    for places in range(1, min(window, len(dated) - 1) + 1):
        dated_apart = (series[:-places] == series[places:]) & (published[:-places] < published[places:])
        before, after = dated[:-places][dated_apart], dated[places:][dated_apart]
        first += [before, after]
        second += [after, before]
        distance += [np.full(len(before), places), np.full(len(before), -places)]
    return np.concatenate(first), np.concatenate(second), np.concatenate(distance)


def _share_skill_or_topic(items: Sequence[Item], first: Places, second: Places) -> npt.NDArray[np.bool_]:
    """Whether the two of each pair share a skill or topic."""
    facts = CourseFeatures.of(items)
    labels = sparse.csr_matrix(sparse.hstack([facts.skills, facts.topics]))
    return np.asarray(labels[first].multiply(labels[second]).sum(axis=1)).ravel() > 0
