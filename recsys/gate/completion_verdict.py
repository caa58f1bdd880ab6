"""Completion verdict: the gate's guardrail on the chance to finish, which a new model may not state worse than the serving one.

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

from recsys.evaluation.calibration import score_difference_intervals, score_intervals
from recsys.evaluation.significance import Interval
from recsys.gate.codes import CompletionBasis, GateCode
from recsys.types import Statement

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MAY_RISE: Mapping[str, float] = MappingProxyType({"brier": 0.005, "ece": 0.02})
"""How far each score may rise. On OULAD .012 lies between the model and one chance for everybody, on MARS .024."""
_Z = 1.96  # half-width of a 95 % interval in standard errors


@dataclass(frozen=True)
class ScoreComparison:
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
class CompletionVerdict:
    """Whether the guardrail holds, and why; `compared` is None where there was nothing to compare."""

    passed: bool
    reasons: Sequence[Statement] = field(default_factory=tuple)
    compared: ScoreComparison | None = None


def compare_paired(outcome: Floats, new: Floats, serving: Floats, learner: Ints, seed: int) -> ScoreComparison:
    """The paired comparison of both models' chances of the same attempts, differences with intervals over learners."""
    before = score_intervals(outcome, serving, learner, seed, samples=1)
    rise = score_difference_intervals(outcome, new, serving, learner, seed)
    return ScoreComparison({name: before[name][0] for name in MAY_RISE}, {name: Interval(*rise[name]) for name in MAY_RISE}, len(outcome))


def compare_apart(new: Mapping[str, Any], serving: Mapping[str, Any]) -> ScoreComparison:
    """Scores as (value, low, high) of attempts of their own, as if independent."""
    rise = {}
    for name in MAY_RISE:
        (value, *span), (old, *old_span) = new[name], serving[name]
        half = _Z * math.hypot(*((high - low) / (2 * _Z) for low, high in (span, old_span)))
        rise[name] = Interval(value - old, value - old - half, value - old + half)
    return ScoreComparison({name: float(serving[name][0]) for name in MAY_RISE}, rise)


def verdict_on_completion(compared: ScoreComparison, basis: CompletionBasis) -> CompletionVerdict:
    """The verdict, a statement per score; `basis` is what both were scored on."""
    by_score = [_verdict_on_score(name, compared.before[name], compared.rise[name]) for name in MAY_RISE]
    shared = {"basis": str(basis), "attempts": compared.attempts}
    reasons = [Statement(reason.code, {**reason.params, **shared}) for _, reason in by_score]
    return CompletionVerdict(all(held for held, _ in by_score), reasons, compared)


def _verdict_on_score(name: str, before: float, rise: Interval) -> tuple[bool, Statement]:
    limit = MAY_RISE[name]
    figures = {"metric": name, "limit": limit, "before": before, "after": before + rise.mean}
    params = figures | {"mean": rise.mean, "low": rise.low, "high": rise.high}
    if rise.mean <= limit:
        return True, Statement(GateCode.COMPLETION_ERROR_FELL if rise.high < 0 else GateCode.COMPLETION_ERROR_HELD, params)
    if rise.low <= 0:
        return True, Statement(GateCode.COMPLETION_ERROR_UNCERTAIN, params)
    return False, Statement(GateCode.COMPLETION_ERROR_ROSE, params)
