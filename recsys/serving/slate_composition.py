"""Slate composition: greedy re-ranking with a few places for exploration."""

import weakref
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys.rerank.exploration import posterior_draws, sample_explored
from recsys.rerank.exposure_floor import stable_fraction
from recsys.rerank.item_traits import Traits
from recsys.rerank.policy import Policy
from recsys.rerank.reranker import Reranker
from recsys.serving.catalog import Catalog

Vector = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]
_LEAST_FOR_EXPLORING = 5
_GREEDY_PLACES = 50
"""Nobody looks further for variety; beyond, plain relevance decides and costs nothing."""
_ESTABLISHED = 50
"""A course this many learners took is known to the model; it needs no exploring."""
_SAMPLED = 16
"""One score in sixteen is enough to tell learners apart."""
_KEPT = 8
"""Policies (with the rules in force) kept ready per catalog."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a slate. `bonus` is what exploration added (0 for others)."""

    position: int
    propensity: float = 1.0
    bonus: float = 0.0
    explored: bool = False


@dataclass(frozen=True, slots=True)
class _PreparedPolicy:
    """What requests share: a policy bound to a catalog with the rules of `in_force`, items to explore and `draws` for each."""

    policy: Policy
    in_force: tuple[int, ...]
    reranker: Reranker
    explorable: Positions
    draws: npt.NDArray[np.float64]


_ready: "weakref.WeakKeyDictionary[Traits, tuple[_PreparedPolicy, ...]]" = weakref.WeakKeyDictionary()


def compose_slate(
    catalog: Catalog,
    policy: Policy,
    order: Vector,
    spread: float,
    mix: Vector,
    k: int,
    seed: int,
    segments: Collection[str] = (),
    now: float | None = None,
) -> list[Place]:
    """The slate: `order` (n_items,) holds relevance to sort by, -inf for what must not appear.

    Rules of the policy count where they are in force for `segments` at `now` (seconds, default: now); `seed` decides what is explored.
    """
    k = min(k, len(order))
    if k <= 0:
        return []
    ready = _prepared_policy(catalog, policy, segments, now)
    lot = stable_fraction(order[::_SAMPLED]) if policy.exposure_floor else 0.0
    known = ready.explorable[np.isfinite(order[ready.explorable])] if k >= _LEAST_FOR_EXPLORING else ready.explorable[:0]
    slots = min(policy.explore_slots, len(known))
    while True:
        chosen = _greedy(ready.reranker, order, mix, k, k - slots, lot)
        candidates = _worth_exploring(known, order, spread, chosen) if slots else known[:0]
        if len(candidates) >= slots:
            break
        slots = len(candidates)
    if not slots:
        return [Place(p) for p in chosen]
    explored = _explore(ready, candidates, order, spread, slots, np.random.default_rng(seed))
    return _insert_explored([Place(p) for p in chosen], explored, order, policy.explore_position)


def blocked(catalog: Catalog, policy: Policy, segments: Collection[str] = (), now: float | None = None) -> Positions:
    """Positions of the items that rules in force keep out of every list (see `compose_slate`)."""
    return _prepared_policy(catalog, policy, segments, now).reranker.blocked if policy.rules else np.empty(0, np.int64)


def _prepared_policy(catalog: Catalog, policy: Policy, segments: Collection[str], now: float | None) -> _PreparedPolicy:
    in_force = tuple(n for n, rule in enumerate(policy.rules) if rule.in_force(segments, now)) if policy.rules else ()
    kept = _ready.get(catalog.traits, ())
    for ready in kept:
        if ready.in_force == in_force and (ready.policy is policy or ready.policy == policy):
            return ready
    ready = _bind_policy_to_catalog(catalog, policy, in_force, segments, now)
    _ready[catalog.traits] = (ready, *kept[: _KEPT - 1])
    return ready


def _bind_policy_to_catalog(
    catalog: Catalog, policy: Policy, in_force: tuple[int, ...], segments: Collection[str], now: float | None
) -> _PreparedPolicy:
    """New, little known items below the exposure cap may be explored."""
    reranker = Reranker.of(catalog.traits, policy, catalog.counts, catalog.recent, segments, now)
    open_ = catalog.recent & (catalog.counts < _ESTABLISHED) & (catalog.shown < policy.explore_cap)
    open_[reranker.blocked] = False
    explorable = np.flatnonzero(open_)
    return _PreparedPolicy(policy, in_force, reranker, explorable, posterior_draws(catalog.shown[explorable], catalog.taken[explorable]))


def _greedy(reranker: Reranker, order: Vector, mix: Vector, k: int, places: int, lot: float) -> list[int]:
    """The first `places` of a slate of k."""
    looked = min(k, _GREEDY_PLACES)
    chosen = reranker.slate(order, mix, looked, lot, min(places, looked))
    if places > looked and len(chosen) == looked:
        out = {*chosen, *reranker.blocked.tolist()}
        rest = (int(p) for p in np.argsort(-order, kind="stable") if np.isfinite(order[p]))
        chosen += [p for p in rest if p not in out][: places - looked]
    return chosen


def _worth_exploring(known: Positions, order: Vector, spread: float, chosen: Sequence[int]) -> Positions:
    """Those of `known` that missed the slate but come close: at most one spread of relevance below its middle."""
    if not chosen:
        return known[:0]
    least = float(np.median(order[list(chosen)])) - spread
    near = known[order[known] >= least]
    return near[~np.isin(near, chosen)]


def _explore(
    ready: _PreparedPolicy, candidates: Positions, order: Vector, spread: float, slots: int, rng: np.random.Generator
) -> list[Place]:
    relevance = (order[candidates] / np.float32(spread)).astype(np.float32)
    draws = ready.draws[:, np.searchsorted(ready.explorable, candidates)]
    sampled = sample_explored(relevance, draws, slots, rng)
    return [Place(int(candidates[e.choice]), e.propensity, explored=True) for e in sampled]


def _insert_explored(places: list[Place], explored: list[Place], order: Vector, first: int) -> list[Place]:
    """Explored items in alternate places from `first`; each is lifted to the score of the item it displaces."""
    for number, place in enumerate(explored):
        at = min(first + 2 * number, len(places))
        displaced = order[places[min(at, len(places) - 1)].position] if places else order[place.position]
        bonus = max(0.0, float(displaced) - float(order[place.position]))
        places.insert(at, Place(place.position, place.propensity, bonus, True))
    return places
