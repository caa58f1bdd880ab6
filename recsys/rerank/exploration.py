"""Exploration: Thompson sampling of new items with exact propensities (Thompson 1933; Chapelle & Li 2011).

A new item's take rate has a Beta posterior over its exposure so far. The chance of each candidate to have the largest
relevance-weighted draw is computed with a fixed stream of random numbers; one candidate is then drawn with that chance
from the request's seed. So the propensity stored with the slate is the real probability of the choice, not an estimate.
Every candidate keeps a chance: without one, later evaluation could say nothing about it.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Chances = npt.NDArray[np.float64]
_DRAWS = 128
_STREAM = 20_190_711
_PRIOR_TAKEN = 1.0
_PRIOR_SHOWN = 10.0
_MAX_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class ExploredItem:
    """A chosen candidate (its position among the candidates) and the probability it had of this very place."""

    choice: int
    propensity: float


def posterior_draws(shown: npt.NDArray[np.float64], taken: npt.NDArray[np.float64]) -> Chances:
    """Draws of each item's take rate from its posterior, shape (128, n); made once for a catalog, shared by all requests."""
    failures = np.maximum(shown - taken, 0) + _PRIOR_SHOWN - _PRIOR_TAKEN
    return np.random.default_rng(_STREAM).beta(taken + _PRIOR_TAKEN, failures, size=(_DRAWS, len(shown)))


def sample_explored(relevance: npt.NDArray[np.float32], draws: Chances, count: int, rng: np.random.Generator) -> list[ExploredItem]:
    """Up to `count` different candidates by Thompson sampling.

    `relevance` (n,) is in units of its spread, so a candidate one unit less relevant needs e times the take rate; `draws` (m, n)
    are those of `posterior_draws`. Only the twelve most relevant take part. A later choice is made among those that are left;
    its propensity counts every way that leads to it.
    """
    candidates = np.argsort(-relevance, kind="stable")[:_MAX_CANDIDATES]
    chances = _chances(relevance[candidates], draws[:, candidates])
    propensities = _propensities(chances, min(count, len(candidates)))
    explored = []
    for propensity in propensities:
        bounds = np.cumsum(chances)
        choice = int(np.searchsorted(bounds, rng.random() * bounds[-1], side="right"))
        explored.append(ExploredItem(int(candidates[choice]), float(propensity[choice])))
        chances[choice] = 0
    return explored


def _chances(relevance: npt.NDArray[np.float32], draws: Chances) -> Chances:
    """Probability of each candidate to have the largest draw, one more win given to each; they sum to 1."""
    if len(relevance) == 0:
        return np.empty(0)
    winners = (draws * np.exp(relevance - relevance.max())).argmax(axis=1)
    return (np.bincount(winners, minlength=len(relevance)) + 1) / (len(draws) + len(relevance))


def _propensities(chances: Chances, count: int) -> list[Chances]:
    """For each of `count` choices in turn, the probability of every candidate to be it; exact, over all sets chosen before."""
    if count == 1:
        return [chances / chances.sum()]
    before: dict[frozenset[int], float] = {frozenset(): 1.0}
    propensities = []
    for _ in range(count):
        total = np.zeros_like(chances)
        after: dict[frozenset[int], float] = defaultdict(float)
        for gone, weight in before.items():
            left = chances.copy()
            left[list(gone)] = 0
            left *= weight / left.sum()
            total += left
            for choice in np.flatnonzero(left):
                after[gone | {int(choice)}] += float(left[choice])
        propensities.append(total)
        before = after
    return propensities
