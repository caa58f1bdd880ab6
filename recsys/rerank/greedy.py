"""Greedy selection of a slate on plain lists; see `reranker` for what it maximizes."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from recsys.rerank.item_traits import NO_CREATOR, NO_LEVEL, TraitLists
from recsys.rerank.policy import Policy
from recsys.rerank.quotas import Quotas

_NONE = -1


@dataclass(slots=True)
class Candidates:
    """Open candidates by falling value: their positions in the catalog, relevance in spreads, kinds (see `quotas`)."""

    items: list[int]
    values: list[float]
    kinds: list[int]


class Greedy:
    """One learner's slate under way.

    `wants` holds, per level, calibration strength times the places it lacks of its share so far (negative where it has more) per
    place left, and 0 for items without a level; `diversity` counts for the next place.
    """

    __slots__ = (
        "caps",
        "chosen",
        "columns",
        "covered",
        "diversity",
        "lacks",
        "least_topics",
        "nearest",
        "open",
        "quotas",
        "similarity",
        "strength",
        "wants",
    )

    def __init__(self, policy: Policy, columns: TraitLists, candidates: Candidates, quotas: Quotas, k: int) -> None:
        self.columns, self.open, self.quotas = columns, candidates, quotas
        self.diversity, self.similarity, self.strength = policy.diversity, policy.similarity, policy.level_calibration
        self.caps = Caps(policy, k) if policy.topic_cap < 1 or policy.creator_cap < 1 else None
        self.chosen: list[int] = []
        self.covered = 0
        self.least_topics = math.ceil(policy.topic_floor * k - 1e-9)
        self.lacks = [0.0] * (NO_LEVEL + 1)
        self.wants = self.lacks
        self.nearest: dict[int, tuple[float, int]] = {}

    def run(self, mix: Sequence[float], places: int, pinned: Sequence[int] = ()) -> list[int]:
        """Fill `places` places, the first with `pinned` items; shorter when candidates run out. `mix` are shares of levels."""
        if not any(mix):
            self.strength = 0.0
        for item in dict.fromkeys(pinned):
            if len(self.chosen) < places:
                self._take(self.open.items.index(item), mix)
        diversity = self.diversity / _mean_reciprocal_up_to(places)
        while len(self.chosen) < places and self.open.items:
            left = places - len(self.chosen)
            self.diversity, pull = diversity / left, self.strength / left
            self.wants = [pull * lack for lack in self.lacks]
            self._take(self._next(left), mix)
        return self.chosen

    def _next(self, left: int) -> int:
        """Index of the open candidate for the next of `left` places. Where caps leave none, they give way to the quotas."""
        allowed = self.quotas.kinds_reducing_needed_places() if 0 < self.quotas.needed >= left else None
        if 0 < self.least_topics - self.covered.bit_count() >= left - self.quotas.needed:
            at = self._best(allowed, self.caps, new_topic=True)
            if at != _NONE:
                return at
        if self.caps is None or not self.caps.any_full:
            return self._best(allowed)
        at = self._best(allowed, self.caps)
        return at if at != _NONE else self._best(allowed)

    def _best(self, allowed: Sequence[bool] | None, caps: "Caps | None" = None, new_topic: bool = False) -> int:
        """Index of the open candidate with the largest gain, the first of equal ones; -1 when none is allowed.

        Candidates come by falling value, so the search ends where the rest could not win with all bonuses.
        """
        columns, diversity, similarity, wants = self.columns, self.diversity, self.similarity, self.wants
        masks, shares, levels = columns.masks, columns.shares, columns.levels
        items, kinds, fresh = self.open.items, self.open.kinds, ~self.covered
        reach = diversity + max(wants)
        best, chosen = float("-inf"), _NONE
        for at, value in enumerate(self.open.values):
            if value + reach <= best:
                break
            if allowed is not None and not allowed[kinds[at]]:
                continue
            item = items[at]
            if new_topic and not masks[item] & fresh:
                continue
            if caps is not None and caps.would_exceed(columns.masks[item], columns.creators[item]):
                continue
            gain = value + wants[levels[item]] + diversity * (masks[item] & fresh).bit_count() * shares[item]
            if similarity:
                gain -= similarity * self._largest_likeness(item)
            if gain > best:
                best, chosen = gain, at
        return chosen

    def _largest_likeness(self, item: int) -> float:
        """Largest likeness to a chosen item; only what was chosen since the last time has to be looked at."""
        largest, seen = self.nearest.get(item, (0.0, 0))
        if seen < len(self.chosen):
            likeness = self.columns.likeness
            largest = max(largest, *(likeness(item, other) for other in self.chosen[seen:]))
            self.nearest[item] = largest, len(self.chosen)
        return largest

    def _take(self, at: int, mix: Sequence[float]) -> None:
        open_, columns = self.open, self.columns
        item, kind = open_.items.pop(at), open_.kinds.pop(at)
        del open_.values[at]
        self.chosen.append(item)
        self.quotas.count_item(kind)
        self.covered |= columns.masks[item]
        level = columns.levels[item]
        if level != NO_LEVEL:
            for other, share in enumerate(mix):
                self.lacks[other] += share
            self.lacks[level] -= 1
        if self.caps is not None:
            self.caps.count_item(columns.masks[item], columns.creators[item])


class Caps:
    """How much of a slate of k one topic or creator may still take; topics are bits of a mask."""

    def __init__(self, policy: Policy, k: int) -> None:
        self.topic_cap, self.creator_cap = _place_limit(policy.topic_cap, k), _place_limit(policy.creator_cap, k)
        self.topics: Counter[int] = Counter()
        self.creators: Counter[int] = Counter()
        self.full_topics = 0
        self.full_creators: set[int] = set()

    @property
    def any_full(self) -> bool:
        """Whether any quota is full."""
        return bool(self.full_topics or self.full_creators)

    def would_exceed(self, mask: int, creator: int) -> bool:
        """Would an item with these topics and this creator be one too many?"""
        return bool(mask & self.full_topics) or creator in self.full_creators

    def count_item(self, mask: int, creator: int) -> None:
        """An item with these topics and this creator was taken."""
        if creator != NO_CREATOR:
            self.creators[creator] += 1
            if self.creators[creator] >= self.creator_cap:
                self.full_creators.add(creator)
        while mask:
            bit = mask & -mask
            mask ^= bit
            self.topics[bit] += 1
            if self.topics[bit] >= self.topic_cap:
                self.full_topics |= bit


@cache
def _mean_reciprocal_up_to(places: int) -> float:
    """Mean of 1 / places left over a slate: with it as the unit, a term that grows towards the end counts its strength on average."""
    return sum(1 / left for left in range(1, places + 1)) / places


def _place_limit(share: float, k: int) -> int:
    """The largest number of places for a share of k, at least one."""
    return max(int(share * k + 1e-9), 1)
