"""Trend: recent takers per item."""

import numpy as np
import numpy.typing as npt

from recsys.data.dataset import Dataset
from recsys.data.histories import CLOCK

_DAY = 86_400.0


def recent_takers(dataset: Dataset, half_life_days: float = 30.0, half_life_steps: float = 2.0) -> npt.NDArray[np.float64]:
    """Learners who took each item, (n_items,), an event counting 2^(-age / half_life_days), age from the newest event of the data.

    A few wrong times do no harm: an event more than a half life later than all but a thousandth of the events (at least one) does
    not say when now is, and is as new as the newest that does.

    Without real times, an event counts by its place in the learner's history instead (half life `half_life_steps`): what
    people do last is the best sign of what is being done now. Where order means nothing either, every event counts 1.
    """
    events = dataset.histories
    decay = _decay(dataset, half_life_days, half_life_steps)
    values = events.largest_per_item(np.where(events.weights > 0, decay, np.float32(0)).astype(np.float32))
    return np.bincount(events.items, weights=values, minlength=dataset.n_items).astype(np.float64)


def _decay(dataset: Dataset, half_life_days: float, half_life_steps: float) -> npt.NDArray[np.float32]:
    events = dataset.histories
    times = events.timestamps
    if times is not None and np.nanmax(times, initial=0.0) > CLOCK:
        half_life = _DAY * half_life_days
        age = _newest_plausible_time(times[np.isfinite(times)], half_life) - np.where(np.isnan(times), np.nanmin(times), times)
        return np.exp2(-np.maximum(age, 0) / half_life).astype(np.float32)
    if dataset.ordered:
        return np.exp2(-events.age / np.float32(half_life_steps)).astype(np.float32)
    return np.ones(len(events.items), np.float32)


def _newest_plausible_time(times: npt.NDArray[np.float64], slack: float) -> float:
    """The newest of `times` that is at most `slack` later than all but a thousandth of them, one at least."""
    late = min(max(len(times) // 1_000, 1), len(times) - 1)
    last = len(times) - 1 - late
    return float(times[times <= np.partition(times, last)[last] + slack].max())
