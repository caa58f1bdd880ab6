"""What an administrator may tune: how relevance is traded against variety, and how much is explored."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from recsys.errors import DataError

_STRENGTHS = ("diversity", "level_calibration", "profile", "negative")


@dataclass(frozen=True, slots=True)
class Policy:
    """A re-ranking policy; JSON values only, so that it can be stored, compared and shown.

    Strengths are in units of the spread (standard deviation) of a learner's candidate scores; 0 turns a term off.
    """

    version: str = "default"
    diversity: float = 0.25
    """Gain of a topic the slate does not show yet (greedy maximal coverage; Carbonell & Goldstein 1998 for the trade)."""
    niche_share: float = 0.25
    """Least share of the slate outside the most popular fifth of the catalog, when candidates allow."""
    level_calibration: float = 0.2
    """Pull towards the target mix of levels (after Steck 2018, calibrated recommendations)."""
    level_mix: Mapping[str, float] = field(default_factory=lambda: {"beginner": 0.3, "intermediate": 0.4, "advanced": 0.3})
    profile: float = 1.0
    """Strength of stated interests, goal and level against what is learned from behavior."""
    negative: float = 1.0
    """How much a disliked item lowers its neighbors."""
    prerequisite_penalty: float = 3.0
    """What an item loses per missing prerequisite."""
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

    def __post_init__(self) -> None:
        for name in _STRENGTHS:
            _require(getattr(self, name) >= 0, f"{name} must not be negative")
        _require(0 <= self.niche_share <= 1, "niche_share must lie between 0 and 1")
        _require(self.pool >= 1, "pool must be at least 1")
        _require(self.explore_slots >= 0 and self.explore_position >= 0, "exploration places must not be negative")
        _require(all(v >= 0 for v in self.source_weights.values()), "source_weights must not be negative")
        _require(all(v >= 0 for v in self.level_mix.values()), "level_mix must not be negative")

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps."""
        return {**asdict(self), "level_mix": dict(self.level_mix), "source_weights": dict(self.source_weights)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Policy":
        """Raises DataError on unknown or unusable values."""
        try:
            return cls(**values)
        except TypeError as error:
            raise DataError(f"Not a ranking policy: {error}") from error


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise DataError(message)
