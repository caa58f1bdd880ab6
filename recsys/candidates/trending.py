"""Trending: courses by recent takers."""

from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.features.trend import recent_takers
from recsys.types import ReasonKind


class TrendingModel(Model):
    """Every learner gets the same scores: log(1 + learners who took the item, late ones counting more), see `trend`."""

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
        self.scores_ = np.log1p(recent_takers(dataset, self.half_life_days, self.half_life_steps)).astype(np.float32)
        return self

    def score(self, histories: Histories) -> npt.NDArray[np.float32]:
        """The same row for everyone."""
        self.require_fitted()
        return np.repeat(self.scores_[None, :], len(histories), axis=0)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"half_life_days": self.half_life_days, "half_life_steps": self.half_life_steps}
