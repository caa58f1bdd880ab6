"""Re-ranking policy: how relevance is traded against variety, and how much is explored."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from recsys.errors import DataError
from recsys.faults import Fault
from recsys.rerank.business_rules import Rule
from recsys.types import LEVELS

_STRENGTHS = (
    "diversity",
    "similarity",
    "level_calibration",
    "popularity_bias",
    "profile",
    "negative",
    "prerequisite_penalty",
    "finish_weight",
)
_SHARES = ("niche_share", "level_shift", "exposure_floor", "small_creators", "topic_floor", "topic_cap", "creator_cap")
_COUNTS = {"pool": 1, "explore_slots": 0, "explore_position": 0, "explore_cap": 0}


@dataclass(frozen=True, slots=True)
class Policy:
    """A re-ranking policy; JSON values only, so that it can be stored, compared and shown.

    Strengths are in units of the spread (standard deviation) of a learner's candidate scores; 0 turns a term off.
    A stored policy that lacks a newer field gets its default. Defaults are those of `benchmarks.rerank`: variety, level mix and
    niche share as wanted on the sample world for less than 5 % of NDCG.
    """

    version: str = "default"
    diversity: float = 0.15
    """Gain of topics the slate does not show yet (greedy maximal coverage); on average over a slate, it grows to the end."""
    similarity: float = 0.0
    """Loss per likeness to the most similar item of the slate (MMR, Carbonell & Goldstein 1998); likeness lies in [0, 1]."""
    niche_share: float = 0.25
    """Least share of the slate outside the most popular fifth of the catalog, when candidates allow."""
    level_calibration: float = 1.8
    """Pull towards the target mix of levels: per place a level lacks so far, over the places left (after Steck 2018)."""
    level_mix: Mapping[str, float] = field(default_factory=lambda: {"beginner": 0.3, "intermediate": 0.4, "advanced": 0.3})
    level_shift: float = 0.4
    """Share of the target mix that goes to the level a learner states."""
    popularity_bias: float = 0.1
    """What an item loses per standard deviation of log popularity above the middle of the catalog (and gains below it)."""
    exposure_floor: float = 0.1
    """Least share of all places for new items and those of small creators; over many slates, as candidates allow."""
    small_creators: float = 0.2
    """The smallest creators that together hold at most this share of enrollments count as small."""
    topic_floor: float = 0.0
    """Least number of different topics as a share of the slate's places; binds in the last places, whatever
    the learner cares for."""
    topic_cap: float = 1.0
    """Largest share of a slate that one topic may take; 1 turns the cap off."""
    creator_cap: float = 1.0
    """Largest share of a slate that one creator may take; 1 turns the cap off."""
    profile: float = 1.0
    """Strength of stated interests, goal and level against what is learned from behavior."""
    negative: float = 1.0
    """How much a disliked item lowers its neighbors."""
    prerequisite_penalty: float = 1.0
    """What an item loses per missing prerequisite."""
    finish_weight: float = 0.1
    """What an item gains per unit of log-odds that the learner is likelier to finish it than the average item (and loses below it);
    see recsys.serving.completion. Nothing where the model was trained without attempts."""
    explore_slots: int = 1
    """Places of a slate of at least five given to new items by posterior sampling."""
    explore_position: int = 3
    """First place (0-based) an explored item may take."""
    explore_cap: int = 200
    """An item shown this often is no longer explored: it has to earn its place."""
    pool: int = 150
    """How many of the best candidates re-ranking looks at."""
    source_weights: Mapping[str, float] = field(default_factory=dict)
    """Factors on the learned weights of candidate sources, by name; 1 where absent."""
    rules: tuple[Rule, ...] = ()
    """Business rules; among several the later one counts on top of the earlier."""

    def __post_init__(self) -> None:
        for name in _STRENGTHS:
            _require(_is_number(getattr(self, name)) and getattr(self, name) >= 0, Fault.POLICY_NOT_A_STRENGTH, setting=name)
        for name in _SHARES:
            _require(_is_number(getattr(self, name)) and 0 <= getattr(self, name) <= 1, Fault.POLICY_NOT_A_SHARE, setting=name)
        for name, least in _COUNTS.items():
            value = getattr(self, name)
            _require(isinstance(value, int) and value >= least, Fault.POLICY_NOT_A_COUNT, setting=name, least=least)
        for name in ("level_mix", "source_weights"):
            _require(isinstance(getattr(self, name), Mapping), Fault.POLICY_NOT_A_MAPPING, setting=name)
            _require(all(_is_number(v) and v >= 0 for v in getattr(self, name).values()), Fault.POLICY_NOT_NUMBERS, setting=name)
        _require(set(self.level_mix) <= set(LEVELS), Fault.POLICY_LEVEL_UNKNOWN, known=LEVELS)
        _require(all(isinstance(rule, Rule) for rule in self.rules), Fault.POLICY_NOT_RULES)

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps."""
        plain = {"level_mix": dict(self.level_mix), "source_weights": dict(self.source_weights)}
        return {**asdict(self), **plain, "rules": [rule.to_json() for rule in self.rules]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Policy":
        """Raises DataError on unknown or unusable values."""
        try:
            rules = tuple(Rule.from_json(rule) for rule in values.get("rules", ()))
            return cls(**{**values, "rules": rules})
        except (TypeError, AttributeError) as error:
            raise DataError(Fault.NOT_A_POLICY, error=error) from error


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _require(condition: bool, fault: Fault, **values: Any) -> None:
    if not condition:
        raise DataError(fault, **values)
