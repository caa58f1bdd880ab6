"""Reward model: the expected reward of a place, the model half of the doubly robust estimator."""

from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import lsqr

from recsys.data.slates import LoggedSlates
from recsys.evaluation.target_policy import TargetPolicy

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class RewardModel(Protocol):
    """Predicts the reward of an item at a position in a context; all arrays have one entry per place."""

    def fit(self, context: Ints, position: Ints, item: Ints, reward: Floats) -> object:
        """Learn from shown places."""

    def predict(self, context: Ints, position: Ints, item: Ints) -> Floats:
        """Expected rewards, for items never seen in fitting too."""


class AdditiveRewards:
    """Mean + effects of position, item, context and (context, item), by ridge regression.

    `penalty` is worth that many places without an effect: rare items stay near the mean of all. Predictions stay within the
    rewards seen.
    """

    def __init__(self, penalty: float = 5.0) -> None:
        self.penalty = penalty

    def fit(self, context: Ints, position: Ints, item: Ints, reward: Floats) -> "AdditiveRewards":
        """See RewardModel. Solved by LSQR (Paige & Saunders 1982): memory grows with the places, not with the effects."""
        self.mean_ = float(reward.mean()) if len(reward) else 0.0
        self.range_ = (float(reward.min()), float(reward.max())) if len(reward) else (0.0, 0.0)
        self.cells_ = [np.unique(column) for column in _effects(context, position, item)]
        design = self._design(context, position, item)
        self.effects_ = lsqr(design, reward - self.mean_, damp=np.sqrt(self.penalty), atol=1e-7, btol=1e-7, iter_lim=200)[0]
        return self

    def predict(self, context: Ints, position: Ints, item: Ints) -> Floats:
        """See RewardModel; an effect never seen is 0."""
        expected = self.mean_ + self._design(context, position, item) @ self.effects_
        return np.asarray(np.clip(expected, *self.range_), np.float64)

    def _design(self, context: Ints, position: Ints, item: Ints) -> sparse.csr_matrix:
        blocks = []
        for column, known in zip(_effects(context, position, item), self.cells_, strict=True):
            place = np.searchsorted(known, column)
            seen = np.flatnonzero(place < len(known))
            seen = seen[known[place[seen]] == column[seen]]
            blocks.append(sparse.csr_matrix((np.ones(len(seen)), (seen, place[seen])), shape=(len(column), len(known))))
        return sparse.hstack(blocks, format="csr")


def cross_fitted(model: RewardModel, log: LoggedSlates, target: TargetPolicy, folds: int, seed: int) -> tuple[Floats, Floats]:
    """Predictions for the logged places and for the places of the target, each by a model that never saw the learner.

    Cross-fitting (Chernozhukov et al. 2018) keeps the correction of the doubly robust estimator independent of the model.
    With a single learner there is nobody else to learn from: predictions are 0 and the estimator is IPS.
    """
    logged, wanted = np.zeros(len(log.slate)), np.zeros(len(target.slate))
    count = min(folds, log.n_learners)
    if count < 2:
        return logged, wanted
    fold = np.random.default_rng(seed).permutation(log.n_learners) % count
    of_place, of_target = fold[log.learner[log.slate]], fold[log.learner[target.slate]]
    for number in range(count):
        known, mine, theirs = of_place != number, of_place == number, of_target == number
        model.fit(log.context[log.slate[known]], log.position[known], log.item[known], log.reward[known])
        logged[mine] = model.predict(log.context[log.slate[mine]], log.position[mine], log.item[mine])
        wanted[theirs] = model.predict(log.context[target.slate[theirs]], target.position[theirs], target.item[theirs])
    return logged, wanted


def _effects(context: Ints, position: Ints, item: Ints) -> list[Ints]:
    return [position, item, context, context * (1 << 32) + item]
