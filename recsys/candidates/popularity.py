"""Most taken first: the baseline, and what is left when nothing is known of a learner."""

from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.types import ReasonKind


class PopularityModel(Model):
    """Every learner gets the same scores: log(1 + learners who took the item), which keeps the tail apart."""

    name: ClassVar[str] = "popularity"
    reason: ClassVar[ReasonKind] = ReasonKind.POPULAR
    learned: ClassVar[tuple[str, ...]] = ("scores_",)
    personal: ClassVar[bool] = False
    scores_: npt.NDArray[np.float32]

    def fit(self, dataset: Dataset) -> Self:
        """Count learners per item."""
        self.scores_ = np.log1p(dataset.popularity).astype(np.float32)
        return self

    def score(self, histories: Histories) -> npt.NDArray[np.float32]:
        """The same row for everyone."""
        self.require_fitted()
        return np.repeat(self.scores_[None, :], len(histories), axis=0)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {}
