"""Simulated slates with a known truth, to check estimators and training against."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.data.slates import LoggedSlates
from recsys.evaluation.target_policy import TargetPolicy
from recsys.ranking.examination import ShownSlates

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SlatePolicy:
    """A distribution over slates for each segment of learners.

    `slates` is (n_slates, n_places) item numbers, `chances` (n_segments, n_slates) with rows that sum to 1.
    """

    slates: npt.NDArray[np.int64]
    chances: Floats

    @classmethod
    def plackett_luce(cls, utilities: Floats, n_places: int, temperature: float = 1.0) -> "SlatePolicy":
        """Items drawn one after another in proportion to exp(utility / temperature) among those left (Plackett 1975).

        `utilities` is (n_segments, n_items); every ordered slate is enumerated, so keep items few.
        """
        slates = np.array(list(permutations(range(utilities.shape[1]), n_places)), np.int64)
        strength = np.exp((utilities - utilities.max(axis=1, keepdims=True)) / temperature)
        chances = np.ones((len(utilities), len(slates)))
        left = strength.sum(axis=1, keepdims=True) * np.ones((1, len(slates)))
        for place in range(n_places):
            chosen = strength[:, slates[:, place]]
            chances *= chosen / left
            left = left - chosen
        return cls(slates, chances)

    @classmethod
    def deterministic(cls, slate: Iterable[int], n_segments: int) -> "SlatePolicy":
        """A policy that always shows the same slate."""
        return cls(np.array([list(slate)], np.int64), np.ones((n_segments, 1)))

    def place_probabilities(self, n_items: int) -> Floats:
        """The chance of each item at each place: (n_segments, n_places, n_items), exact."""
        n_segments, n_places = len(self.chances), self.slates.shape[1]
        chances = np.zeros((n_segments, n_places, n_items))
        for place in range(n_places):
            for item in range(n_items):
                chances[:, place, item] = self.chances[:, self.slates[:, place] == item].sum(axis=1)
        return chances

    def to_target_policy(self, name: str, log: LoggedSlates) -> TargetPolicy:
        """This policy on the slates of a log that SlateWorld made."""
        chances = self.place_probabilities(len(log.item_ids))[log.context]
        slate, place, item = np.nonzero(chances)
        return TargetPolicy(name, log.item_ids, slate, place + 1, item, chances[slate, place, item])


@dataclass(frozen=True)
class SlateWorld:
    """Learners of equally likely segments look at each place with its `examination` (n_places,) and take what stands there
    with its `attraction` (n_segments, n_items): a click has the product as its chance.

    `noise` is the standard deviation of a learner's own mood, added to the chance of all of their clicks (clipped to [0, 1]):
    slates of one learner then belong together. `base` is a reward every place brings anyway.
    """

    attraction: Floats
    examination: Floats
    noise: float = 0.0
    base: float = 0.0

    @property
    def n_items(self) -> int:
        """Items there are to show."""
        return int(self.attraction.shape[1])

    def value(self, policy: SlatePolicy) -> float:
        """The true reward per slate of `policy` (exact as long as no mood pushes a chance past 0 or 1)."""
        chances = policy.place_probabilities(self.n_items)
        examined = self.examination[: chances.shape[1]]
        expected: Floats = np.einsum("spi,p,si->s", chances, examined, self.attraction)
        return float(np.mean(expected) + self.base * chances.shape[1])

    def simulate_log(self, policy: SlatePolicy, n_learners: int, slates_each: int, seed: int) -> LoggedSlates:
        """A log of `n_learners` × `slates_each` slates served by `policy`; the context is the segment's number."""
        rng = np.random.default_rng(seed)
        n_segments, n_places = len(self.attraction), policy.slates.shape[1]
        learner = np.repeat(np.arange(n_learners), slates_each)
        segment = rng.integers(n_segments, size=n_learners)[learner]
        mood = rng.normal(0, self.noise, n_learners)[learner] if self.noise else np.zeros(len(learner))
        drawn = (rng.random(len(learner))[:, None] > np.cumsum(policy.chances, axis=1)[segment]).sum(axis=1)
        items = policy.slates[np.minimum(drawn, len(policy.slates) - 1)]
        chance = self.examination[:n_places] * self.attraction[segment[:, None], items] + mood[:, None]
        place = np.tile(np.arange(n_places), len(learner))
        slate, item = np.repeat(np.arange(len(learner)), n_places), items.ravel()
        return LoggedSlates(
            slate_ids=tuple(map(str, range(len(learner)))),
            item_ids=tuple(map(str, range(self.n_items))),
            contexts=tuple(map(str, range(n_segments))),
            learner_ids=tuple(map(str, range(n_learners))),
            learner=learner,
            context=segment,
            served_at=np.full(len(learner), np.nan),
            slate=slate,
            position=place + 1,
            item=item,
            propensity=policy.place_probabilities(self.n_items)[segment[slate], place, item],
            reward=(rng.random(len(slate)) < chance.ravel()) + self.base,
            score=np.full(len(slate), np.nan),
        )


@dataclass(frozen=True)
class ClickWorld:
    """Learners click a course they look at with the chance of its appeal, `base` · exp(features · `taste`), at most 1; a course's
    features are standard normal and `taste` is (n_features,)."""

    taste: Floats
    base: float = 0.02

    def simulate_slates(self, ranker: Floats, examination: Floats, n_slates: int, seed: int, pool: int = 50) -> ShownSlates:
        """Slates of the courses that `ranker` (n_features,) likes best of a random `pool`, each place looked at with its
        `examination` (n_places,)."""
        rng = np.random.default_rng(seed)
        offered = rng.normal(size=(n_slates, pool, len(self.taste))).astype(np.float32)
        scores = offered @ ranker
        best = np.argsort(-scores, axis=1)[:, : len(examination)]
        features = np.take_along_axis(offered, best[:, :, None], axis=1)
        clicked = rng.random(best.shape) < examination * self._appeal(features)
        return ShownSlates(features, np.ones(best.shape, bool), clicked, np.take_along_axis(scores, best, axis=1))

    def ndcg(self, ranker: Floats, seed: int, k: int = 10, pools: int = 1000, pool: int = 100) -> float:
        """Mean NDCG@k of a ranker over random pools, with the true appeal as gain."""
        features = np.random.default_rng(seed).normal(size=(pools, pool, len(self.taste)))
        appeal, discount = self._appeal(features), 1 / np.log2(np.arange(2, k + 2))
        reached = np.take_along_axis(appeal, np.argsort(-(features @ ranker), axis=1)[:, :k], axis=1) @ discount
        return float(np.mean(reached / (-np.sort(-appeal, axis=1)[:, :k] @ discount)))

    def _appeal(self, features: npt.NDArray[Any]) -> Floats:
        return np.asarray(np.minimum(self.base * np.exp(features @ self.taste), 1), np.float64)
