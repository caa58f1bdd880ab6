"""Measure and fit the chance to finish: learned from earlier attempts, judged on later ones."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.completion.additive import log_loss as chained_loss
from recsys.completion.additive import sigmoid
from recsys.completion.attempt_readers import AttemptSource
from recsys.completion.feature_table import FinishTable
from recsys.completion.model import FinishModel
from recsys.completion.shrunken_rates import shrunken_rates
from recsys.completion.tuning import platt
from recsys.evaluation.calibration import score_difference_intervals
from recsys.evaluation.completion_holdout import (
    round_score,
    rounded_value_and_interval,
    score_later_attempts,
    score_report,
    split_attempts,
    split_moment,
)
from recsys.gate.completion_trial import CompletionCandidate
from recsys.threads import one_thread

Floats = npt.NDArray[np.float64]
_HELD_BACK = 0.2  # of the training attempts, the newest: what boosting is calibrated on
_NAMES = ("overall share", "course share", "additive", "boosting", "boosting, Platt", "boosting, isotonic")


def evaluate_completion(source: AttemptSource, seed: int = 0) -> dict[str, Any]:
    """Scores of every model on attempts begun after the moment of the split, learned from what was known at it.

    Features of a test attempt hold what was known when it began; models stay as they were. Attempts too young to be counted are left
    out on both sides (see recsys.completion.attempts.MATURE_DAYS).
    """
    moment = split_moment(source)
    train, test, left_open = split_attempts(source, moment)
    outcome = test.outcome
    started = perf_counter()
    model = FinishModel().fit(train)
    seconds = perf_counter() - started
    stated = _model_probabilities(model, train, test, seed)
    scores = {name: score_report(outcome, p, test, seed) for name, p in stated.items()}
    differences = score_difference_intervals(outcome, stated["additive"], stated["boosting, Platt"], test.learner, seed)
    known = np.isfinite(train.outcome)
    return {
        "source": source.name,
        "split_at": moment,
        "train": {
            "attempts": len(train),
            "known": int(known.sum()),
            "share_finished": round_score(float(train.outcome[known].mean())),
            "young": int((~known & ~np.isnan(train.evidence)).sum()),
        },
        "test": {"attempts": len(test), "learners": len(np.unique(test.learner)), "share_finished": round_score(float(outcome.mean()))},
        "left_out": {"open": left_open, "undated": source.attempts.undated},
        "tuning": model.tuning_,
        "fit_seconds": round(seconds, 2),
        "models": scores,
        "additive - boosting, Platt": {name: rounded_value_and_interval(values) for name, values in differences.items()},
    }


def train_completion(source: AttemptSource, seed: int = 0, *, evaluate: bool = True) -> CompletionCandidate | None:
    """The model for an artifact, fitted on all of `source`; None where no outcome is known. Same source and seed, same model."""
    table = source.feature_table()
    known = table.outcome[np.isfinite(table.outcome)]
    if not len(known):
        return None
    model = FinishModel().fit(table)
    basis = "shares" if model.curves_model_ is None else "model"
    sizes = {"attempts": len(table), "outcomes": len(known), "finished": int(known.sum())}
    report: dict[str, Any] = {**sizes, "known_at": source.attempts.now, "basis": basis}
    scored = score_later_attempts(source, seed) if evaluate else None
    return CompletionCandidate(model, report | ({"judged": scored.report} if scored else {}), scored)


def fit_completion(source: AttemptSource, directory: Path) -> FinishModel:
    """Fit on everything known and store the model in `directory`."""
    model = FinishModel().fit(source.feature_table())
    model.save(directory)
    return model


def describe_completion(report: dict[str, Any]) -> str:
    """The report as text: a line per model, then the additive model's reliability curve and parts of its Brier score."""
    train, test = report["train"], report["test"]
    lines = [
        f"{report['source']}: learned from {train['known']:,} outcomes ({train['share_finished']:.1%} finished) and {train['young']:,} "
        f"young attempts of {train['attempts']:,} begun, judged on {test['attempts']:,} later ones of {test['learners']:,} learners "
        f"({test['share_finished']:.1%} finished); "
        f"{report['left_out']['open']:,} too young or open and {report['left_out']['undated']:,} undated left out",
        f"{'':<20}{'AUC':>22}{'Brier':>24}{'Brier skill':>24}{'log loss':>24}{'ECE':>24}{'by chance':>10}",
    ]
    for name, row in report["models"].items():
        cells = "".join(
            _cell(row[score], width)
            for score, width in zip(("auc", "brier", "brier_skill", "log_loss", "ece"), (22, 24, 24, 24, 24), strict=True)
        )
        lines.append(f"{name:<20}{cells}{row['ece_by_chance']:>10.4f}")
    for score, (value, low, high) in report["additive - boosting, Platt"].items():
        lines.append(f"additive - boosting, Platt: {score} {value:+.4f} ({low:+.4f} to {high:+.4f})")
    own = report["models"]["additive"]
    lines.append("additive, Brier = " + ", ".join(f"{part} {value:.4f}" for part, value in own["murphy"].items()))
    lines.append(f"{'attempts':>10}{'stated':>9}{'finished':>10}   95 % interval")
    lines += [
        f"{b['count']:>10,}{b['predicted']:>9.3f}{b['observed']:>10.3f}   {b['low']:.3f} to {b['high']:.3f}" for b in own["reliability"]
    ]
    return "\n".join(lines)


def _model_probabilities(model: FinishModel, train: FinishTable, test: FinishTable, seed: int) -> dict[str, Floats]:
    """Probabilities of every model for the test rows."""
    known = train.select(np.isfinite(train.outcome))
    overall = float(known.outcome.mean())
    rates = model.course_outcome_counts(test.item_ids)
    course = shrunken_rates(rates.finished, rates.outcomes, overall, model.shrinkage_strength).share
    chances = [np.full(len(test), overall), course, model.probability(test), *_boosted(known, test, seed)]
    return dict(zip(_NAMES, chances, strict=True))


def _boosted(known: FinishTable, test: FinishTable, seed: int) -> tuple[Floats, Floats, Floats]:
    """Gradient boosting of trees as it comes, and calibrated on the newest training attempts (Niculescu-Mizil & Caruana 2005)."""
    # Late on purpose: scikit-learn costs a second that serving need not spend.
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415

    ordered = known.select(np.argsort(known.start, kind="stable"))
    cut = int(len(ordered) * (1 - _HELD_BACK))
    before, newest = ordered.select(np.arange(cut)), ordered.select(np.arange(cut, len(ordered)))
    settings = {"learning_rate": 0.05, "l2_regularization": 1.0, "random_state": seed, "early_stopping": False}
    candidates = [{"max_iter": n, "max_leaf_nodes": leaves, "min_samples_leaf": 20} for n in (30, 60, 120) for leaves in (4, 8, 16)]
    fits = [_boost(before, settings | more) for more in candidates]
    held = [fit(newest.values) for fit in fits]
    best = int(np.argmin([chained_loss(z, newest.outcome) for z in held]))
    whole = _boost(ordered, settings | candidates[best])(test.values)
    shift, slope = platt(held[best], newest.outcome)
    steps = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(sigmoid(held[best]), newest.outcome)
    kept = fits[best](test.values)
    return sigmoid(whole), sigmoid(shift + slope * kept), np.asarray(steps.predict(sigmoid(kept)), np.float64)


def _boost(table: FinishTable, settings: dict[str, Any]) -> Callable[[Floats], Floats]:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    used = np.flatnonzero(np.isfinite(table.values).any(axis=0))  # trees cannot be grown on a feature without any value
    with one_thread():
        trees = HistGradientBoostingClassifier(**settings).fit(table.values[:, used], table.outcome)
    return lambda values: np.asarray(trees.decision_function(values[:, used]), np.float64)


def _cell(values: list[float], width: int) -> str:
    text = "{:.4f} ({:.4f}-{:.4f})".format(*values)
    return f"{text:>{width}}"
