"""Business rules as data: pin, boost, bury or block an item, a topic or a creator, for a segment and a span of time."""

import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.errors import DataError
from recsys.faults import Fault
from recsys.rerank.item_traits import Traits

ACTIONS = ("pin", "boost", "bury", "block")
TARGETS = ("item", "topic", "creator")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; JSON values only.

    `pin` gives the best matching item one of the first places, in the order of the rules; `boost` and `bury` move matching
    items by `strength` spreads of the learner's scores; `block` keeps them out. None of them brings back what a learner has
    taken or turned down. `name` is the item's id, the topic or the creator.
    """

    action: str
    target: str
    name: str
    strength: float = 1.0
    segment: str | None = None
    """Only for learners of this segment; None is everyone."""
    starts: float | None = None
    """Seconds since the epoch (UTC); in force from then on."""
    ends: float | None = None
    """Seconds since the epoch (UTC); in force before then."""

    def __post_init__(self) -> None:
        _require(self.action in ACTIONS, Fault.RULE_ACTION_UNKNOWN, known=ACTIONS)
        _require(self.target in TARGETS, Fault.RULE_TARGET_UNKNOWN, known=TARGETS)
        _require(isinstance(self.name, str) and bool(self.name), Fault.RULE_WITHOUT_NAME)
        _require(_is_number(self.strength) and self.strength > 0, Fault.RULE_STRENGTH_UNUSABLE)
        _require(self.segment is None or (isinstance(self.segment, str) and bool(self.segment)), Fault.RULE_SEGMENT_UNUSABLE)
        _require(all(at is None or _is_number(at) for at in (self.starts, self.ends)), Fault.RULE_DATE_UNUSABLE)
        if self.starts is not None and self.ends is not None:
            _require(self.starts < self.ends, Fault.RULE_ENDS_BEFORE_START)

    def in_force(self, segments: Collection[str] = (), now: float | None = None) -> bool:
        """Does the rule hold for a learner of these segments at this moment (default: now)?"""
        if self.segment is not None and self.segment not in segments:
            return False
        if self.starts is None and self.ends is None:
            return True
        moment = time.time() if now is None else now
        return (self.starts is None or self.starts <= moment) and (self.ends is None or moment < self.ends)

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Rule":
        """Raises DataError on unknown or unusable values."""
        try:
            return cls(**values)
        except TypeError as error:
            raise DataError(Fault.NOT_A_RULE, error=error) from error


@dataclass(frozen=True, slots=True)
class RuleEffects:
    """What rules do to a catalog: `shift` (n_items,) in spreads, `blocked` (n_items,), `pinned` the matching items of each pin."""

    shift: npt.NDArray[np.float64]
    blocked: npt.NDArray[np.bool_]
    pinned: tuple[npt.NDArray[np.int64], ...]

    @classmethod
    def of(cls, rules: Sequence[Rule], traits: Traits) -> "RuleEffects":
        """Effects of rules in force; one that matches nothing does nothing."""
        shift = np.zeros(len(traits), np.float64)
        blocked = np.zeros(len(traits), np.bool_)
        pinned = []
        for rule in rules:
            rows = _matching_positions(rule, traits)
            if rule.action == "pin":
                pinned.append(rows)
            elif rule.action == "block":
                blocked[rows] = True
            else:
                shift[rows] += rule.strength if rule.action == "boost" else -rule.strength
        return cls(shift, blocked, tuple(pinned))


def _matching_positions(rule: Rule, traits: Traits) -> npt.NDArray[np.int64]:
    if rule.target == "item":
        return np.array([n for n, item_id in enumerate(traits.item_ids) if item_id == rule.name], np.int64)
    if rule.target == "creator":
        return np.flatnonzero(traits.creators == traits.creator_names.get(rule.name, -2))
    return np.flatnonzero((traits.topics == traits.topic_names.get(rule.name, -2)).any(axis=1))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _require(condition: bool, fault: Fault, **values: Any) -> None:
    if not condition:
        raise DataError(fault, **values)
