"""Ranking verdict: may a newly trained model take over? No worse on the primary metric, within guardrails on the rest.

Falls do not add up. Every verdict says what is left of the best that served before, metric by metric: 1 for a first model, then
min(1, what its predecessor had left · new value / value of the predecessor on the same measurement). A model that reaches what
the best one did is at 1 again. Each step is measured on the data of its day, so the chain needs no old model and no old data;
it is as exact as its steps, whose chance adds up too: a model held back for the sum alone is tried again with the next training.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import numpy as np

from recsys.evaluation.significance import Interval, paired_difference
from recsys.gate.codes import GateCode
from recsys.types import Statement

_FEWEST_PAIRS = 30  # below it a bootstrap over learners says little
_Z = 1.96  # half-width of a 95 % interval in standard errors


@dataclass(frozen=True)
class ModelFigures:
    """Figures of one model, as the gate compares them.

    `metrics` is its row of an evaluation (`report["models"][name]`, also kept in a manifest), {} when it was never
    measured. `per_user` holds the primary metric by learner id, {} when only means were kept. Both models have to be
    measured on courses that neither was trained on: a model that has seen the answers looks better than it is. `retained` is what
    the verdict on it said is left of the best that served before it, by metric; one that is not named has lost nothing.
    """

    metrics: Mapping[str, Any] = field(default_factory=dict)
    per_user: Mapping[str, float] = field(default_factory=dict)
    retained: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GateRules:
    """Limits of the gate: how far a candidate may fall, as shares of what the serving model reaches.

    A fall of `primary` that is certain, the 95 % interval over the same learners all below 0, holds the candidate back unless it
    is no larger than `negligible`: both models met the same learners, so neither chance nor newer data explain it. An uncertain
    one may reach `margin` (a non-inferiority test). Where learners are too few to decide that, `require_proof` holds the candidate;
    without it the mean decides, since a small site would otherwise never retrain. So it does for separate measurements, whose
    interval leaves out that one month is harder to foresee than another. `guardrails` names further metrics and how far each may
    fall, judged on its value. No fall may pass its limit by adding up over several models either (`ModelFigures.retained`).
    """

    primary: str = "ndcg"
    margin: float = 0.05
    negligible: float = 0.01
    require_proof: bool = False
    guardrails: Mapping[str, float] = field(default_factory=lambda: {"coverage": 0.2, "niche_share": 0.2})


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's decision with its reasons. `difference` is candidate minus serving on the primary metric;
    `n_users` learners stand behind it when it is `paired`; `retained` is what is left of the best that served before, by metric."""

    promote: bool
    reasons: list[Statement]
    difference: Interval | None = None
    paired: bool = False
    n_users: int = 0
    retained: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps."""
        difference = self.difference
        values = (
            None
            if difference is None
            else {"mean": round(difference.mean, 6), "ci": [round(b, 6) for b in (difference.low, difference.high)]}
        )
        retained = {metric: round(share, 6) for metric, share in self.retained.items()}
        measured = {"difference": values, "paired": self.paired, "n_users": self.n_users, "left": retained}
        return {"promote": self.promote, "reasons": [reason.to_json() for reason in self.reasons], **measured}


def verdict_on_ranking(candidate: ModelFigures, serving: ModelFigures | None, rules: GateRules | None = None, seed: int = 0) -> Verdict:
    """The verdict on `candidate` against the model that serves now (None: there is none).

    Learners whom both models were measured on are compared in pairs by a bootstrap; without enough of them the two
    published intervals are compared as if independent, which needs a larger difference to be sure.
    """
    rules = rules or GateRules()
    if serving is None:
        return Verdict(True, [Statement(GateCode.FIRST_MODEL)])
    if (early := _unmeasured(candidate, serving, rules.primary)) is not None:
        return early
    difference, n_pairs = _difference(candidate, serving, rules.primary, seed)
    before = _serving_mean(candidate, serving, rules.primary, n_pairs)
    passed, code, more = _judge_primary(difference, before, rules, n_pairs > 0)
    reasons = [_primary_statement(code, rules.primary, before, difference, more | _basis(n_pairs, candidate, serving))]
    steps = {rules.primary: _ratio(before + difference.mean, before)}
    for metric, share in rules.guardrails.items():
        held, reason = _guardrail(metric, share, candidate.metrics, serving.metrics)
        passed = passed and held
        reasons += reason
        if reason and _is_figure(candidate.metrics.get(metric)):
            steps[metric] = _ratio(candidate.metrics[metric], serving.metrics[metric])
    retained = {**serving.retained, **{metric: min(1.0, serving.retained.get(metric, 1.0) * step) for metric, step in steps.items()}}
    if passed:
        added = _cumulative_fall_reasons(steps, retained, {rules.primary: rules.margin, **rules.guardrails})
        passed, reasons = not added, reasons + added
    return Verdict(passed, reasons, difference, n_pairs > 0, n_pairs, retained)


def _unmeasured(candidate: ModelFigures, serving: ModelFigures, primary: str) -> Verdict | None:
    """The verdict where one of the two has no figure to compare."""
    new, old = _has_figure(candidate, primary), _has_figure(serving, primary)
    if new and old:
        return None
    if not new and old:
        return Verdict(False, [Statement(GateCode.CANDIDATE_UNMEASURED, {"metric": primary})])
    code = GateCode.SERVING_UNMEASURED if new else GateCode.NEITHER_MEASURED
    return Verdict(True, [Statement(code)], retained=serving.retained)


def _has_figure(model: ModelFigures, primary: str) -> bool:
    if model.per_user:
        return all(map(math.isfinite, model.per_user.values()))
    return _is_figure(model.metrics.get(primary))


def _is_figure(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def _ratio(new: float, old: float) -> float:
    return new / old if old > 0 else 1.0


def _paired_learners(candidate: ModelFigures, serving: ModelFigures) -> list[str]:
    users = [user for user in candidate.per_user if user in serving.per_user]
    return users if len(users) >= _FEWEST_PAIRS else []


def _difference(candidate: ModelFigures, serving: ModelFigures, primary: str, seed: int) -> tuple[Interval, int]:
    """Candidate minus serving with its interval, and the number of pairs behind it (0: unpaired)."""
    users = _paired_learners(candidate, serving)
    if users:
        new, old = (np.array([model.per_user[u] for u in users], np.float64) for model in (candidate, serving))
        return paired_difference(new, old, seed), len(users)
    (new_mean, new_error), (old_mean, old_error) = (_model_metric_mean_and_error(model, primary) for model in (candidate, serving))
    half = _Z * math.hypot(new_error, old_error)
    mean = new_mean - old_mean
    return Interval(mean, mean - half, mean + half), 0


def _model_metric_mean_and_error(model: ModelFigures, primary: str) -> tuple[float, float]:
    """Mean and its standard error, from learners where they are known, else from the stored interval."""
    if model.per_user:
        values = np.array(list(model.per_user.values()), np.float64)
        return float(values.mean()), float(values.std() / math.sqrt(len(values)))
    mean = float(model.metrics[primary])
    low, high = model.metrics.get(f"{primary}_ci", (mean, mean))
    return mean, (float(high) - float(low)) / (2 * _Z)


def _serving_mean(candidate: ModelFigures, serving: ModelFigures, primary: str, n_pairs: int) -> float:
    if n_pairs:
        return float(np.mean([serving.per_user[u] for u in _paired_learners(candidate, serving)]))
    return _model_metric_mean_and_error(serving, primary)[0]


def _judge_primary(difference: Interval, before: float, rules: GateRules, paired: bool) -> tuple[bool, GateCode, dict[str, Any]]:
    """Whether the primary metric passes, and what is said of it with what parameters."""
    allowed, fall = rules.margin * before, -difference.mean
    limit = {"limit": allowed}
    if difference.low > 0:
        return True, GateCode.METRIC_ROSE, {}
    if fall > allowed:
        return False, GateCode.METRIC_FELL, limit | {"certain": difference.high < -allowed}
    if difference.high < 0 and paired:
        matters = fall > rules.negligible * before
        code = GateCode.METRIC_FELL_MEASURABLY if matters else GateCode.METRIC_FELL_NEGLIGIBLY
        return not matters, code, {"limit": rules.negligible * before}
    if difference.low >= -allowed:
        return True, GateCode.METRIC_HELD, limit
    if rules.require_proof:
        return False, GateCode.METRIC_UNPROVEN, limit
    return True, GateCode.METRIC_UNCERTAIN, limit | {"few": difference.high >= 0}


def _primary_statement(code: GateCode, metric: str, before: float, difference: Interval, more: Mapping[str, Any]) -> Statement:
    span = {"mean": difference.mean, "low": difference.low, "high": difference.high}
    return Statement(code, {"metric": metric, "before": before, "after": before + difference.mean, **span, **more})


def _basis(n_pairs: int, candidate: ModelFigures, serving: ModelFigures) -> dict[str, Any]:
    """`learners` measured in pairs; where there are none, whether the two were measured on `other_data`."""
    if n_pairs:
        return {"learners": n_pairs}
    prints = [model.metrics.get("data_fingerprint") for model in (candidate, serving)]
    return {"learners": 0, "other_data": None not in prints and prints[0] != prints[1]}


def _guardrail(metric: str, share: float, new: Mapping[str, Any], old: Mapping[str, Any]) -> tuple[bool, list[Statement]]:
    before, after = old.get(metric), new.get(metric)
    if not _is_figure(before):
        return True, []
    if not _is_figure(after):
        return False, [Statement(GateCode.GUARDRAIL_UNMEASURED, {"metric": metric, "before": before})]
    fell = after < (1 - share) * before
    code = GateCode.GUARDRAIL_BROKEN if fell else GateCode.GUARDRAIL_HELD
    return not fell, [Statement(code, {"metric": metric, "limit": share, "before": before, "after": after})]


def _cumulative_fall_reasons(steps: Mapping[str, float], retained: Mapping[str, float], allowed: Mapping[str, float]) -> list[Statement]:
    """Metrics that fell too far together with what earlier models lost. One that is no worse than its predecessor adds nothing to it."""
    return [
        Statement(GateCode.FALLS_ADDED_UP, {"metric": metric, "retained": retained[metric], "limit": allowed[metric]})
        for metric, step in steps.items()
        if step < 1 and retained[metric] < 1 - allowed[metric]
    ]
