"""Topic profile: the cosine of a learner's topics and a course's."""

from typing import Any, ClassVar

import numpy as np

from recsys.candidates.recency import Dense, FactorModel
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.features.course_features import CourseFeatures
from recsys.features.truncated_svd import unit_length
from recsys.types import ReasonKind


class UserProfileModel(FactorModel):
    """score = profile · g(i) / |g(i)|, profile = Σ over the history of weight · g(course), g the 0/1 vector of topics.

    The learner profile of content-based filtering (Pazzani & Billsus, Content-based recommendation systems, 2007). An event
    counts by its weight: a completed course says more than one looked into. The length of a course's vector is divided out, as
    a course with many topics would win by their number alone. Courses without topics score 0.
    """

    name: ClassVar[str] = "user_profile"
    reason: ClassVar[ReasonKind] = ReasonKind.SIMILAR_CONTENT
    learned: ClassVar[tuple[str, ...]] = ("items_", "topics_")
    topics_: Dense  # (n_items, topics), 0 and 1

    def __init__(self, power: float = 0.4) -> None:
        self.power = power

    def learn(self, dataset: Dataset) -> None:
        """Read the topics of the items."""
        self.topics_ = np.asarray(CourseFeatures.of(dataset.items).topics.toarray(), np.float32)
        self.items_ = unit_length(self.topics_)

    def interest(self, histories: Histories) -> FloatArray:
        """Weights of events, fading where order means something."""
        faded = histories.values(power=self.power if self.ordered_ else 0.0)
        return np.where(faded > 0, faded * histories.largest_per_item(np.maximum(histories.weights, 0)), np.float32(0))

    def event_vectors(self, histories: Histories) -> Dense:
        """Topics of each event's course times its interest."""
        return np.asarray(self.interest(histories)[:, None] * self.topics_[histories.items], np.float32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"power": self.power}
