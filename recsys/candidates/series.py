"""What stands next to a course in its creator's series."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.item_item import ItemItemModel
from recsys.data.dataset import Dataset
from recsys.data.histories import IntArray
from recsys.types import Item, ReasonKind

Places = npt.NDArray[np.int64]


class SeriesModel(ItemItemModel):
    """weights[a, b] = p(d), b being published d places after a (d < 0: before) by the same creator.

    p(d) is how often a history went on to the course d places further, out of the times there was one, counted over neighbors
    of a history up to `steps` apart, a step further by a fraction `decay` less. It is one curve for all courses, so a course
    nobody has taken is reached from the lesson before it. Courses without a creator are one series; those published at the same
    time stand as in the catalog. A course without a date of publishing is in no series: the order of a file's ids may be that
    in which learners met them, and would give away what is to be predicted.
    """

    name: ClassVar[str] = "series"
    reason: ClassVar[ReasonKind] = ReasonKind.SIMILAR_CONTENT

    def __init__(self, window: int = 20, steps: int = 5, decay: float = 0.8, power: float = 1.5) -> None:
        self.window = window
        self.steps = steps
        self.decay = decay
        self.power = power

    def fit(self, dataset: Dataset) -> Self:
        """Count the steps between places, then lay the curve over every series."""
        series, place, length = _places(dataset.items)
        near = np.array([d for d in range(-self.window, self.window + 1) if d], np.int64)
        events = dataset.histories.keep(dataset.histories.weights > 0)
        went, could = np.zeros(len(near)), np.zeros(len(near))
        for gap in range(1, self.steps + 1):
            same = events.rows[gap:] == events.rows[:-gap]
            before, after = events.items[:-gap][same], events.items[gap:][same]
            if not dataset.ordered:
                before, after = np.concatenate([before, after]), np.concatenate([after, before])
            moved = before != after
            counted = _went(near, before[moved], after[moved], series, place), _could(near, before[moved], place, length)
            went += self.decay ** (gap - 1) * counted[0]
            could += self.decay ** (gap - 1) * counted[1]
        self.weights_ = _laid(near, np.divide(went, could, out=np.zeros_like(went), where=could > 0), series, place)
        return self

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"window": self.window, "steps": self.steps, "decay": self.decay, "power": self.power}


def _places(items: Sequence[Item]) -> tuple[Places, Places, Places]:
    """Of each item its series (-1 for none), its place in it and how long that is (0 for none)."""
    creators = {creator: number for number, creator in enumerate(dict.fromkeys(item.creator for item in items))}
    series = np.array([-1 if item.published is None else creators[item.creator] for item in items], np.int64)
    published = np.array([0.0 if item.published is None else item.published for item in items])
    order = np.lexsort((np.arange(len(items)), published, series))
    lengths = np.bincount(series + 1, minlength=len(creators) + 1)
    place = np.empty(len(items), np.int64)
    place[order] = np.arange(len(items)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    lengths[0] = 0
    return series, place, lengths[series + 1]


def _went(near: Places, before: IntArray, after: IntArray, series: Places, place: Places) -> npt.NDArray[np.float64]:
    """How many of the steps led each of `near` places further."""
    inside = (series[before] == series[after]) & (series[before] >= 0)
    moved = place[after[inside]] - place[before[inside]]
    return np.array([np.count_nonzero(moved == d) for d in near], np.float64)


def _could(near: Places, before: IntArray, place: Places, length: Places) -> npt.NDArray[np.float64]:
    """How many of the steps started from a course with another that many places further."""
    return np.array([np.count_nonzero((place[before] + d >= 0) & (place[before] + d < length[before])) for d in near], np.float64)


def _laid(near: Places, chance: npt.NDArray[np.float64], series: Places, place: Places) -> sparse.csr_matrix:
    """The chance of each distance between all pairs of a series."""
    order = np.lexsort((place, series))
    order = order[series[order] >= 0]
    rows, columns, values = [], [], []
    for distance, value in zip(near.tolist(), chance.tolist(), strict=True):
        pairs = max(len(order) - abs(distance), 0)
        first, second = order[max(-distance, 0) :][:pairs], order[max(distance, 0) :][:pairs]
        inside = (series[first] == series[second]) & (value > 0)
        rows.append(first[inside])
        columns.append(second[inside])
        values.append(np.full(int(inside.sum()), value, np.float32))
    cells = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(cells, shape=(len(series),) * 2, dtype=np.float32)
