"""Recency weighting: base classes of models whose events fade with age."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories

Dense = npt.NDArray[np.float32]


class RecencyModel(Model):
    """An event counts (1 + age)^(-power), age in courses back from the newest; 1 where order means nothing in the data."""

    power: float
    ordered_: bool

    def fit(self, dataset: Dataset) -> Self:
        """Learn from `dataset`; returns self."""
        self.ordered_ = dataset.ordered
        self.learn(dataset)
        return self

    @abstractmethod
    def learn(self, dataset: Dataset) -> None:
        """Set the learned arrays."""

    def interest(self, histories: Histories) -> FloatArray:
        """What each event counts, one value per event, at most one nonzero per item of a row."""
        return histories.interest(self.power if self.ordered_ else 0.0)

    def json_state(self) -> dict[str, Any]:
        """Whether order meant something in the training data."""
        return {"ordered": self.ordered_}

    def restore(self, values: dict[str, Any]) -> None:
        """Take back what `json_state` gave."""
        self.ordered_ = bool(values["ordered"])


class FactorModel(RecencyModel):
    """score(history)[i] = items_[i] · Σ over events of parts(event): a place for each event and each item in d dimensions.

    However the places of a history's events depend on each other, the score is a sum over them, so that contributions are
    exact.
    """

    learned: ClassVar[tuple[str, ...]] = ("items_",)
    items_: Dense  # (n_items, d)

    @abstractmethod
    def event_vectors(self, histories: Histories) -> Dense:
        """What each event adds to its learner's vector, shape (events, d)."""

    def learner_vectors(self, histories: Histories) -> Dense:
        """Learners in the latent space, shape (len(histories), d)."""
        self.require_fitted()
        n_events = len(histories.items)
        members = sparse.csr_matrix(
            (np.ones(n_events, np.float32), np.arange(n_events), histories.indptr), shape=(len(histories), n_events)
        )
        return np.asarray(members @ self.event_vectors(histories), np.float32)

    def score(self, histories: Histories) -> Dense:
        """Learner vectors times item vectors; see the class."""
        self.require_fitted()
        return np.asarray(self.learner_vectors(histories) @ self.items_.T, np.float32)

    def contributions(self, history: Histories, item: int) -> FloatArray:
        """The terms of the score, one per event; they sum to it."""
        self.require_fitted()
        return np.asarray(self.event_vectors(history) @ self.items_[item], np.float32)

    def contributions_to(self, history: Histories, items: Sequence[int]) -> Dense:
        """See Model: the places of events are found once for all items."""
        self.require_fitted()
        return np.asarray(self.items_[np.asarray(items, np.int64)] @ self.event_vectors(history).T, np.float32)
