"""The gate's guardrail on the chance to finish: a new model may not tell it worse than the one that serves.

Judged by the Brier score, which a chance that says less or is not level makes larger, and by the calibration error alone. A rise holds the
new model back where it is certain, its 95 % interval all above 0, and larger than what may be lost; attempts are few on most sites, and
what chance does must not keep better recommendations away. Small rises may add up over several models: what served is not kept.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.evaluation.calibration import score_differences, score_intervals
from recsys.evaluation.significance import Interval

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MAY_RISE: Mapping[str, float] = MappingProxyType({"brier": 0.005, "ece": 0.02})
"""How far each score may rise. On OULAD .012 lies between the model and one chance for everybody, on MARS .024."""
_NAMES = {"brier": "Brier score", "ece": "calibration error"}
_Z = 1.96  # half-width of a 95 % interval in standard errors


@dataclass(frozen=True)
class Compared:
    """Scores of two models: `before` of the serving one, `rise` to the new one's, by name; `attempts` behind them where both were judged
    on the same ones, 0 where each was on its own."""

    before: Mapping[str, float]
    rise: Mapping[str, Interval]
    attempts: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps."""
        scores = {
            name: {"before": round(self.before[name], 6), "rise": round(d.mean, 6), "ci": [round(d.low, 6), round(d.high, 6)]}
            for name, d in self.rise.items()
        }
        return {**scores, "attempts": self.attempts, "paired": self.attempts > 0}


@dataclass(frozen=True)
class ChanceVerdict:
    """Whether the guardrail holds, in sentences; `compared` is None where there was nothing to compare."""

    passed: bool
    reasons: Sequence[str] = field(default_factory=tuple)
    compared: Compared | None = None


def compare_paired(outcome: Floats, new: Floats, serving: Floats, learner: Ints, seed: int) -> Compared:
    """Both models' chances of the same attempts, differences with intervals over learners."""
    before = score_intervals(outcome, serving, learner, seed, samples=1)
    rise = score_differences(outcome, new, serving, learner, seed)
    return Compared({name: before[name][0] for name in MAY_RISE}, {name: Interval(*rise[name]) for name in MAY_RISE}, len(outcome))


def compare_apart(new: Mapping[str, Any], serving: Mapping[str, Any]) -> Compared:
    """Scores as (value, low, high) of attempts of their own, as if independent."""
    rise = {}
    for name in MAY_RISE:
        (value, *span), (old, *old_span) = new[name], serving[name]
        half = _Z * math.hypot(*((high - low) / (2 * _Z) for low, high in (span, old_span)))
        rise[name] = Interval(value - old, value - old - half, value - old + half)
    return Compared({name: float(serving[name][0]) for name in MAY_RISE}, rise)


def judge_chances(compared: Compared, basis: str) -> ChanceVerdict:
    """The verdict, a sentence per score; `basis` says in words what both were judged on."""
    found = [_judged(name, compared.before[name], compared.rise[name]) for name in MAY_RISE]
    told = [f"{sentence}, {basis}." for _, sentence in found]
    return ChanceVerdict(all(held for held, _ in found), told, compared)


def _judged(name: str, before: float, rise: Interval) -> tuple[bool, str]:
    after, limit = before + rise.mean, MAY_RISE[name]
    figures = f"{before:.4f} → {after:.4f}, {rise.mean:+.4f} (95 % interval {rise.low:+.4f} to {rise.high:+.4f})"
    what = f"The {_NAMES[name]} of the chance to finish"
    if rise.mean <= limit:
        how = "fell" if rise.high < 0 else f"did not rise by more than the {limit:.3f} that may be lost"
        return True, f"{what} {how}: {figures}"
    if rise.low <= 0:
        return True, f"{what} rose by more than the {limit:.3f} that may be lost, though the attempts are too few to be sure: {figures}"
    return False, f"{what} rose by more than the {limit:.3f} that may be lost: {figures}"
