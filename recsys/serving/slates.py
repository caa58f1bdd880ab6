"""One learner's slate: greedy re-ranking with a few places for exploration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys.ranking.topk import PAD
from recsys.rerank.explore import sample_explored
from recsys.rerank.policy import Policy
from recsys.rerank.slate import build_slates, pool_of
from recsys.serving.catalog import Catalog

Vector = npt.NDArray[np.float32]
_LEAST_FOR_EXPLORING = 5
_GREEDY_PLACES = 50
"""Nobody looks further for variety; beyond, plain relevance decides and costs nothing."""
_ESTABLISHED = 50
"""A course this many learners took is known to the model; it needs no exploring."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a slate. `bonus` is what exploration added (0 for others)."""

    position: int
    propensity: float = 1.0
    bonus: float = 0.0
    explored: bool = False


def compose(catalog: Catalog, policy: Policy, order: Vector, spread: float, mix: Vector, k: int, rng: np.random.Generator) -> list[Place]:
    """The slate: `order` (n_items,) holds relevance to sort by, -inf for what must not appear."""
    k = min(k, len(order))
    if k <= 0:
        return []
    chosen = _greedy(catalog, policy, order, mix, k)
    explored = _explore(catalog, policy, order, spread, chosen, rng) if k >= _LEAST_FOR_EXPLORING else []
    return _insert([Place(p) for p in chosen], explored, order, policy.explore_position, k)


def _greedy(catalog: Catalog, policy: Policy, order: Vector, mix: Vector, k: int) -> list[int]:
    places = min(k, _GREEDY_PLACES)
    n_niche = int(np.ceil(policy.niche_share * places))
    pool = pool_of(order[None, :], catalog.traits.niche, max(policy.pool, places), n_niche)
    slate = build_slates(order[None, :], pool, catalog.traits, policy, places, mix)[0]
    chosen = [int(p) for p in slate if p != PAD]
    if k > places and len(chosen) == places:
        taken = set(chosen)
        rest = (int(p) for p in np.argsort(-order, kind="stable") if np.isfinite(order[p]))
        chosen += [p for p in rest if p not in taken][: k - places]
    return chosen


def _explore(
    catalog: Catalog, policy: Policy, order: Vector, spread: float, chosen: Sequence[int], rng: np.random.Generator
) -> list[Place]:
    """New, little known items below the exposure cap that missed the slate but come close: at most one spread of relevance
    below its middle."""
    least = float(np.median(order[list(chosen)])) - spread if chosen else np.inf
    open_ = catalog.recent & (catalog.counts < _ESTABLISHED) & (catalog.shown < policy.explore_cap) & (order >= least)
    open_[list(chosen)] = False
    candidates = np.flatnonzero(open_)
    if policy.explore_slots == 0 or not len(candidates):
        return []
    relevance = (order[candidates] / np.float32(spread)).astype(np.float32)
    found = sample_explored(relevance, catalog.shown[candidates], catalog.taken[candidates], policy.explore_slots, rng)
    return [Place(int(candidates[e.choice]), e.propensity, explored=True) for e in found]


def _insert(places: list[Place], explored: list[Place], order: Vector, first: int, k: int) -> list[Place]:
    """Explored items in alternate places from `first`; each is lifted to the score of the item it displaces."""
    for number, place in enumerate(explored):
        at = min(first + 2 * number, len(places))
        displaced = order[places[min(at, len(places) - 1)].position] if places else order[place.position]
        bonus = max(0.0, float(displaced) - float(order[place.position]))
        places.insert(at, Place(place.position, place.propensity, bonus, True))
    return places[:k]
