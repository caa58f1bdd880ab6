"""Much taken lately."""

from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.types import ReasonKind

_DAY = 86_400.0
_EPOCH_FLOOR = 1e8  # smaller numbers are counts or positions, not seconds since 1970 (1e8 is 1973)


class TrendingModel(Model):
    """Popularity in which an event counts 2^(-age / half_life_days), age from the newest event of the data.

    Without real times, an event counts by its place in the learner's history instead (half life `half_life_steps`): what
    people do last is the best sign of what is being done now. Where order means nothing either, it is plain popularity.
    Scores are log(1 + weighted learners).
    """

    name: ClassVar[str] = "trending"
    reason: ClassVar[ReasonKind] = ReasonKind.TRENDING
    learned: ClassVar[tuple[str, ...]] = ("scores_",)
    personal: ClassVar[bool] = False
    scores_: npt.NDArray[np.float32]

    def __init__(self, half_life_days: float = 30.0, half_life_steps: float = 2.0) -> None:
        self.half_life_days = half_life_days
        self.half_life_steps = half_life_steps

    def fit(self, dataset: Dataset) -> Self:
        """Count learners per item, recent ones more."""
        events = dataset.histories
        values = events.largest(np.where(events.weights > 0, self._decay(dataset), np.float32(0)).astype(np.float32))
        heat = np.bincount(events.items, weights=values, minlength=dataset.n_items)
        self.scores_ = np.log1p(heat).astype(np.float32)
        return self

    def _decay(self, dataset: Dataset) -> npt.NDArray[np.float32]:
        events = dataset.histories
        times = events.timestamps
        if times is not None and np.nanmax(times, initial=0.0) > _EPOCH_FLOOR:
            age = np.nanmax(times) - np.where(np.isnan(times), np.nanmin(times), times)
            return np.exp2(-age / (_DAY * self.half_life_days)).astype(np.float32)
        if dataset.ordered:
            return np.exp2(-events.age / np.float32(self.half_life_steps)).astype(np.float32)
        return np.ones(len(events.items), np.float32)

    def score(self, histories: Histories) -> npt.NDArray[np.float32]:
        """The same row for everyone."""
        self.require_fitted()
        return np.repeat(self.scores_[None, :], len(histories), axis=0)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"half_life_days": self.half_life_days, "half_life_steps": self.half_life_steps}
