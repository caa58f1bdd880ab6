"""Whether a newly trained model may take over: no worse on the primary metric, and within guardrails on the rest.

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

_FEWEST_PAIRS = 30  # below it a bootstrap over learners says little
_Z = 1.96  # half-width of a 95 % interval in standard errors


@dataclass(frozen=True)
class Measured:
    """What is known of one model.

    `metrics` is its row of an evaluation (`report["models"][name]`, also kept in a manifest), {} when it was never
    measured. `per_user` holds the primary metric by learner id, {} when only means were kept. Both models have to be
    measured on courses that neither was trained on: a model that has seen the answers looks better than it is. `retained` is what
    the verdict on it said is left of the best that served before it, by metric; one that is not named has lost nothing.
    """

    metrics: Mapping[str, Any] = field(default_factory=dict)
    per_user: Mapping[str, float] = field(default_factory=dict)
    retained: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """How far a candidate may fall, as shares of what the serving model reaches.

    A fall of `primary` that is certain, the 95 % interval over the same learners all below 0, holds the candidate back unless it
    is no larger than `negligible`: both models met the same learners, so neither chance nor newer data explain it. An uncertain
    one may reach `margin` (a non-inferiority test). Where learners are too few to decide that, `require_proof` holds the candidate;
    without it the mean decides, since a small site would otherwise never retrain. So it does for separate measurements, whose
    interval leaves out that one month is harder to foresee than another. `guardrails` names further metrics and how far each may
    fall, judged on its value. No fall may pass its limit by adding up over several models either (`Measured.retained`).
    """

    primary: str = "ndcg"
    margin: float = 0.05
    negligible: float = 0.01
    require_proof: bool = False
    guardrails: Mapping[str, float] = field(default_factory=lambda: {"coverage": 0.2, "niche_share": 0.2})


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision, with sentences a person can read. `difference` is candidate minus serving on the primary metric;
    `n_users` learners stand behind it when it is `paired`; `retained` is what is left of the best that served before, by metric."""

    promote: bool
    reasons: list[str]
    difference: Interval | None = None
    paired: bool = False
    n_users: int = 0
    retained: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps."""
        found = self.difference
        values = None if found is None else {"mean": round(found.mean, 6), "ci": [round(found.low, 6), round(found.high, 6)]}
        retained = {metric: round(share, 6) for metric, share in self.retained.items()}
        measured = {"difference": values, "paired": self.paired, "n_users": self.n_users, "left": retained}
        return {"promote": self.promote, "reasons": self.reasons, **measured}


def judge(candidate: Measured, serving: Measured | None, gate: Gate | None = None, seed: int = 0) -> Verdict:
    """Compare `candidate` with the model that serves now (None: there is none).

    Learners whom both models were measured on are compared in pairs by a bootstrap; without enough of them the two
    published intervals are compared as if independent, which needs a larger difference to be sure.
    """
    rules = gate or Gate()
    if serving is None:
        return Verdict(True, ["No model serves yet."])
    if (early := _unmeasured(candidate, serving, rules.primary)) is not None:
        return early
    difference, n_pairs = _difference(candidate, serving, rules.primary, seed)
    before = _serving_mean(candidate, serving, rules.primary, n_pairs)
    passed, sentence = _primary(difference, before, rules, n_pairs > 0)
    reasons = [sentence + _basis(n_pairs, candidate, serving)]
    steps = {rules.primary: _ratio(before + difference.mean, before)}
    for metric, share in rules.guardrails.items():
        held, told = _guardrail(metric, share, candidate.metrics, serving.metrics)
        passed = passed and held
        reasons += told
        if told and _is_figure(candidate.metrics.get(metric)):
            steps[metric] = _ratio(candidate.metrics[metric], serving.metrics[metric])
    retained = {**serving.retained, **{metric: min(1.0, serving.retained.get(metric, 1.0) * step) for metric, step in steps.items()}}
    if passed:
        added = _added_up(steps, retained, {rules.primary: rules.margin, **rules.guardrails})
        passed, reasons = not added, reasons + added
    return Verdict(passed, reasons, difference, n_pairs > 0, n_pairs, retained)


def _unmeasured(candidate: Measured, serving: Measured, primary: str) -> Verdict | None:
    """The verdict where one of the two has no figure to compare."""
    new, old = _has_figure(candidate, primary), _has_figure(serving, primary)
    if new and old:
        return None
    if not new and old:
        return Verdict(False, [f"The new model has no {primary} to show, the serving one does."])
    told = "was never measured, the new one was" if new else "and the new one were never measured: there is nothing to compare"
    return Verdict(True, [f"The serving model {told}."], retained=serving.retained)


def _has_figure(model: Measured, primary: str) -> bool:
    if model.per_user:
        return all(map(math.isfinite, model.per_user.values()))
    return _is_figure(model.metrics.get(primary))


def _is_figure(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def _ratio(new: float, old: float) -> float:
    return new / old if old > 0 else 1.0


def _shared(candidate: Measured, serving: Measured) -> list[str]:
    users = [user for user in candidate.per_user if user in serving.per_user]
    return users if len(users) >= _FEWEST_PAIRS else []


def _difference(candidate: Measured, serving: Measured, primary: str, seed: int) -> tuple[Interval, int]:
    """Candidate minus serving with its interval, and the number of pairs behind it (0: unpaired)."""
    users = _shared(candidate, serving)
    if users:
        new, old = (np.array([model.per_user[u] for u in users], np.float64) for model in (candidate, serving))
        return paired_difference(new, old, seed), len(users)
    (new_mean, new_error), (old_mean, old_error) = (_mean_and_error(model, primary) for model in (candidate, serving))
    half = _Z * math.hypot(new_error, old_error)
    mean = new_mean - old_mean
    return Interval(mean, mean - half, mean + half), 0


def _mean_and_error(model: Measured, primary: str) -> tuple[float, float]:
    """Mean and its standard error, from learners where they are known, else from the stored interval."""
    if model.per_user:
        values = np.array(list(model.per_user.values()), np.float64)
        return float(values.mean()), float(values.std() / math.sqrt(len(values)))
    mean = float(model.metrics[primary])
    low, high = model.metrics.get(f"{primary}_ci", (mean, mean))
    return mean, (float(high) - float(low)) / (2 * _Z)


def _serving_mean(candidate: Measured, serving: Measured, primary: str, n_pairs: int) -> float:
    if n_pairs:
        return float(np.mean([serving.per_user[u] for u in _shared(candidate, serving)]))
    return _mean_and_error(serving, primary)[0]


def _primary(difference: Interval, before: float, rules: Gate, paired: bool) -> tuple[bool, str]:
    allowed, fall = rules.margin * before, -difference.mean
    span = f"{difference.mean:+.4f} (95 % interval {difference.low:+.4f} to {difference.high:+.4f})"
    figures = f"{before:.4f} → {before + difference.mean:.4f}, {span}"
    name = _title(rules.primary)
    limit = f"the {allowed:.4f} that may be lost"
    if difference.low > 0:
        return True, f"{name} rose: {figures}"
    if fall > allowed:
        return False, f"{name} {'on average ' if difference.high >= -allowed else ''}fell by more than {limit}: {figures}"
    if difference.high < 0 and paired:
        matters = fall > rules.negligible * before
        how = f"by {'more' if matters else 'no more'} than the {rules.negligible * before:.4f} that would be too little to matter"
        return not matters, f"{name} fell measurably, {how}: {figures}"
    if difference.low >= -allowed:
        return True, f"{name} did not fall by more than {limit}: {figures}"
    if rules.require_proof:
        return False, f"{name} may have fallen by more than {limit}, and proof is asked for: {figures}"
    told = f"fell by no more than {limit} on average" if fall > 0 else "did not fall on average"
    unsure = ", though the learners are too few to be sure" if difference.high >= 0 else ""
    return True, f"{name} {told}{unsure}: {figures}"


def _basis(n_pairs: int, candidate: Measured, serving: Measured) -> str:
    if n_pairs:
        return f", on the same {n_pairs} learners."
    prints = [model.metrics.get("data_fingerprint") for model in (candidate, serving)]
    other = " of different data" if None not in prints and prints[0] != prints[1] else ""
    return f", from two separate measurements{other}."


def _guardrail(metric: str, share: float, new: Mapping[str, Any], old: Mapping[str, Any]) -> tuple[bool, list[str]]:
    before, after = old.get(metric), new.get(metric)
    if not _is_figure(before):
        return True, []
    name = _title(metric)
    if not _is_figure(after):
        return False, [f"{name} was {before:.1%}, and the new model has no figure for it."]
    fell = after < (1 - share) * before
    told = f"fell by more than {share:.0%}" if fell else "stayed within its guardrail"
    return not fell, [f"{name} {told}: {before:.1%} → {after:.1%}."]


def _added_up(steps: Mapping[str, float], retained: Mapping[str, float], allowed: Mapping[str, float]) -> list[str]:
    """What fell too far together with what earlier models lost. One that is no worse than its predecessor adds nothing to it."""
    return [
        f"{_title(metric)} has fallen model by model to {retained[metric]:.1%} of the best that served before, "
        f"and no more than {allowed[metric]:.0%} may be lost."
        for metric, step in steps.items()
        if step < 1 and retained[metric] < 1 - allowed[metric]
    ]


def _title(metric: str) -> str:
    return metric.upper() if metric in {"ndcg", "mrr", "map"} else metric.replace("_", " ").capitalize()
