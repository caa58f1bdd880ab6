"""Greedy slates: relevance traded against variety, level mix, niche share and fair exposure; for one learner at a time.

At each place the item with the largest gain is taken:

    gain = relevance / spread + shift                       rules (boost, bury) and popularity bias
         + diversity * late * share of its topics not shown maximal coverage
         - similarity * likeness to the most similar chosen MMR (Carbonell & Goldstein 1998)
         + calibration * lack of its level / places left    after calibrated recommendations (Steck 2018)

A level lacks target share * places so far - its places, which is negative for a surplus. `late` is 1 / places left in units of its
mean, so that both decide late: the first places are worth most of the accuracy, and at equal level mix this loses half as much
NDCG as an even pull. For the same reason niche share, exposure floor and the least number of topics are quotas that take the last
places (`quotas`). Caps and rules are hard.

Items are looked at in order of relevance, and as no term but relevance is large, the search for a place ends after the first few: a
whole slate costs less than arrays would.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys import kernels
from recsys.rerank.business_rules import RuleEffects
from recsys.rerank.exposure_floor import count_floor_places, items_of_small_creators, standardized_log_popularity
from recsys.rerank.greedy import Candidates, Greedy
from recsys.rerank.item_traits import TraitLists, Traits
from recsys.rerank.policy import Policy
from recsys.rerank.quotas import NICHE, PROTECTED, Quotas
from recsys.types import LEVELS

Vector = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]
_KINDS = 4

__all__ = ["Reranker", "Traits", "target_level_mix"]


def target_level_mix(policy: Policy, level: str | None) -> Vector:
    """Target shares of levels, shifted to the learner's own; shape (1, 3), summing to 1 (or 0 where the policy has none)."""
    mix = [policy.level_mix.get(name, 0.0) for name in LEVELS]
    if (total := sum(mix)) > 0:
        own = policy.level_shift if level in LEVELS else 0.0
        mix = [(1 - own) * share / total + own * (name == level) for name, share in zip(LEVELS, mix, strict=True)]
    return np.array([mix], np.float32)


@dataclass(frozen=True, slots=True)
class Reranker:
    """A policy made ready for a catalog; immutable, for any number of learners.

    `kinds` (n_items,) are bits of `quotas`, `niche` and `protected` the items that have them, `shift` (n_items,) is added to
    relevance in spreads, `lifted` are items that compete whatever their relevance.
    """

    policy: Policy
    columns: TraitLists
    kinds: npt.NDArray[np.int8]
    niche: Positions
    protected: Positions
    shift: npt.NDArray[np.float64] | None
    blocked: Positions
    lifted: Positions
    pinned: tuple[Positions, ...]

    @classmethod
    def of(
        cls,
        traits: Traits,
        policy: Policy,
        counts: npt.NDArray[np.int64],
        new: npt.NDArray[np.bool_] | None = None,
        segments: Collection[str] = (),
        now: float | None = None,
    ) -> "Reranker":
        """`counts` (n_items,) are learners per item, `new` (n_items,) marks what the exposure floor protects besides small
        creators; rules are those in force for `segments` at `now` (seconds, default: now)."""
        effects = RuleEffects.of([rule for rule in policy.rules if rule.in_force(segments, now)], traits)
        protected = items_of_small_creators(traits.creators, counts, policy.small_creators)
        if new is not None:
            protected = protected | new
        shift = effects.shift - policy.popularity_bias * standardized_log_popularity(counts)
        kinds = traits.niche * np.int8(NICHE) + protected * np.int8(PROTECTED)
        return cls(
            policy=policy,
            columns=traits.as_lists,
            kinds=kinds.astype(np.int8),
            niche=np.flatnonzero(traits.niche),
            protected=np.flatnonzero(protected),
            shift=shift if shift.any() else None,
            blocked=np.flatnonzero(effects.blocked),
            lifted=np.flatnonzero(effects.shift > 0),
            pinned=effects.pinned,
        )

    def slate(self, order: Vector, mix: Vector, k: int, lot: float = 0.0, places: int | None = None) -> list[int]:
        """Positions of up to k items, best first.

        `order` (n_items,) holds relevance, -inf for what must not appear; `mix` (1, 3) or (3,) target shares of levels; `lot` in
        [0, 1) rounds the exposure floor up or down. With `places` the slate stops there and yet meets the quotas of k.
        """
        places = k if places is None else min(places, k)
        if places <= 0 or not len(order):
            return []
        if len(self.blocked):
            order = order.copy()
            order[self.blocked] = -np.inf
        niche = math.ceil(self.policy.niche_share * k - 1e-9)
        protected = count_floor_places(self.policy.exposure_floor, k, lot)
        pinned = [row for row in (_best_of(order, rows) for rows in self.pinned) if row >= 0]
        pool, kinds = self._pool(order, max(self.policy.pool, k), niche, protected, pinned)
        if not len(pool):
            return []
        counted = np.bincount(kinds, minlength=_KINDS).tolist()
        greedy = Greedy(self.policy, self.columns, self._candidates(order, pool, kinds), Quotas(niche, protected, counted), k)
        return greedy.run(mix.ravel().tolist(), places, pinned)

    def _pool(self, order: Vector, size: int, niche: int, protected: int, pinned: Sequence[int]) -> tuple[Positions, npt.NDArray[np.int8]]:
        """The best `size` items, ascending by position, and their kinds; what quotas need and rules lift is always among them."""
        pool = top_scored_in_position_order(order, size)
        kinds = self.kinds[pool]
        extra = [self.lifted[np.isfinite(order[self.lifted])], np.array(pinned, np.int64)] if len(self.lifted) or pinned else []
        for kind, rows, wanted in ((NICHE, self.niche, niche), (PROTECTED, self.protected, protected)):
            if wanted and len(rows) and size < len(order) and np.count_nonzero(kinds & kind) < wanted:
                extra.append(rows[top_scored_in_position_order(order[rows], wanted)])
        if not extra:
            return pool, kinds
        pool = np.unique(np.concatenate([pool, *extra]))
        return pool, self.kinds[pool]

    def _candidates(self, order: Vector, pool: Positions, kinds: npt.NDArray[np.int8]) -> Candidates:
        """The pool by falling relevance, equal ones by position; relevance in units of the pool's spread, so that strengths mean
        the same for every learner."""
        values = order[pool].astype(np.float64)
        values -= values.sum() / len(values)
        spread = math.sqrt(float(values @ values) / len(values))
        if spread > 1e-9:
            values /= spread
        if self.shift is not None:
            values += self.shift[pool]
        best = (-values).argsort(kind="stable")
        return Candidates(pool[best].tolist(), values[best].tolist(), kinds[best].tolist())


def top_scored_in_position_order(order: Vector, size: int) -> Positions:
    """Positions of the best `size` finite entries, ascending; of equal ones the first."""
    best: Positions = kernels.largest(order, size)
    return best


def _best_of(order: Vector, rows: Positions) -> int:
    """The row of the largest finite entry among `rows`, or -1."""
    if not len(rows):
        return -1
    best = int(rows[order[rows].argmax()])
    return best if np.isfinite(order[best]) else -1
