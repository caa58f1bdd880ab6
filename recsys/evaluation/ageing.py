"""Model ageing: windows that compare a model trained long ago with a fresh one.

Histories are always as they are at the moment of asking, since serving scores those; only what was learned is old.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from recsys.data.dataset import Dataset
from recsys.data.splits import Split, leave_last, time_split
from recsys.errors import DataError
from recsys.faults import Fault

_DAY = 86_400.0
_FEWEST_ROWS = 20  # test learners below which a window says nothing


@dataclass(frozen=True)
class Window:
    """One moment of asking: what an old and what a fresh model may learn from, and what they have to find.

    `age` is how much older the training data of the old model is than the moment of asking, in days or courses. `stale`
    and `split.train` are the two training sets; `starts` and `ends` are seconds since the epoch, None without a clock.
    """

    age: float
    stale: Dataset
    split: Split
    starts: float | None = None
    ends: float | None = None


def time_windows(dataset: Dataset, count: int = 6, first: float = 0.5) -> list[Window]:
    """The `first` share of events trains the old model; the rest falls into `count` windows of equally many events.

    The age of a window is measured to its middle. Windows with fewer than 20 learners to test are left out; raises
    DataError when none is left or nothing has a time.
    """
    times = dataset.histories.timestamps
    if times is None:
        raise DataError(Fault.AGEING_WITHOUT_CLOCK)
    edges = np.unique(np.nanquantile(times, np.linspace(first, 1.0, count + 1)))
    edges[-1] += 1  # the newest event belongs to the last window
    stale = dataset.with_histories(dataset.histories.keep(~(times >= edges[0])))
    windows = []
    for start, end in pairwise(edges):
        known = dataset.with_histories(dataset.histories.keep(~(times >= end)))
        split = time_split(known, at=float(start))
        if len(split.test_rows) >= _FEWEST_ROWS:
            windows.append(Window(((start + end) / 2 - edges[0]) / _DAY, stale, split, float(start), float(end)))
    if not windows:
        raise DataError(Fault.AGEING_WITHOUT_WINDOW, first=f"{first:.0%}", learners=_FEWEST_ROWS)
    return windows


def position_windows(dataset: Dataset, ages: Sequence[int] = (0, 1, 2, 4, 8)) -> list[Window]:
    """Ageing windows for data that know an order but no clock: train without each learner's newest `age` courses, find the one after.

    The held-out courses are the same at every age: each learner's last. Nobody's first course is taken away.
    """
    split = leave_last(dataset)
    if not len(split.test_rows):
        raise DataError(Fault.NOTHING_HELD_OUT)
    windows, cut, done = [], split.train, 0
    for age in sorted(set(ages)):
        while done < age:
            cut, done = replace(cut, histories=leave_last(cut).train.histories), done + 1
        windows.append(Window(float(age), cut, split))
    return windows
