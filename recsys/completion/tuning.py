"""Tuning of smoothness and calibration by forward chaining, on attempts later than those learned from."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from recsys.completion.additive import AdditiveLogit, Floats, fit_additive, log_loss, sigmoid
from recsys.completion.delayed_feedback import expected_outcome
from recsys.completion.feature_table import FinishTable
from recsys.completion.sample_weights import learner_capped_weights

PENALTIES = (1.0, 5.0, 25.0, 125.0)
_CUTS = (0.6, 0.8, 1.0)  # shares of the rows, by time
_STEPS = 30
_SLOPE_VARIANCE = 0.25  # a normal prior around "as it is": without evidence nothing is stretched
_MOST_SLOPE = 2.0
_ROUNDS = 20
_SETTLED = 1e-3  # of a chance
_MOST_ROWS = 250_000  # about 1 kB each while curves are fitted; more would only narrow intervals that are narrow


def calibrated_fit(table: FinishTable, penalties: Sequence[float], most: int = _MOST_ROWS) -> tuple[AdditiveLogit, dict[str, Any]]:
    """Curves fitted on the newest `most` rows of `table`, with smoothness and stretch found by forward chaining; and what was chosen.

    Of the rows with an outcome, the newest two fifths, by time, are predicted half by half by fits on all rows before. The penalty with
    the least log loss is taken. The slope of Platt's scaling (1999) of those predictions says whether curves are too steep for what comes
    later; scaling log-odds keeps the sum of curves a sum, which isotonic regression would not. The slope is never above one: what
    the penalty flattens in a part it flattens less in the whole. The level is that of all rows, young ones included (see
    `_with_young`): weighing newer ones more was no better on earlier parts of MARS and OULAD, at any half-life.
    """
    newest = table.select(np.argsort(table.start, kind="stable")[-most:])
    ordered = newest.select(np.isfinite(newest.outcome))
    bounds = [int(len(ordered) * share) for share in _CUTS]
    outcome, counts = ordered.outcome[bounds[0] :], learner_capped_weights(ordered.learner)
    predicted = {penalty: _forward_chained_log_odds(ordered, bounds, penalty) for penalty in penalties}
    losses = {penalty: log_loss(z, outcome) for penalty, z in predicted.items()}
    best = min(penalties, key=lambda penalty: losses[penalty])
    slope = min(platt(predicted[best], outcome, counts[bounds[0] :])[1], 1.0)
    usable = newest.select(np.isfinite(newest.outcome) | ~np.isnan(newest.evidence))
    fitted, expected = _fit_with_expected_outcomes(usable, best)
    stretched = fitted.with_rescaled_log_odds(slope, 0.0)
    shift, _ = platt(stretched.log_odds(usable.values), expected, learner_capped_weights(usable.learner), fixed_slope=True)
    tuning = {"penalty": best, "slope": slope, "shift": shift, "young": len(usable) - len(ordered)}
    return stretched.with_rescaled_log_odds(1.0, shift), tuning | {"log_loss": {str(p): value for p, value in losses.items()}}


def _fit_with_expected_outcomes(table: FinishTable, penalty: float) -> tuple[AdditiveLogit, Floats]:
    """The curves most likely given what is known of every row so far, and the outcomes they expect: 0 and 1 where these are known.

    Expectation maximization (Dempster, Laird & Rubin 1977): an outcome that is not known yet is what the curves expect of it by now,
    at first those of the rows with an outcome. A row just begun adds nothing; one that has been open for longer than finishing takes is
    as good as stopped.
    """

    def fit(rows: FinishTable, outcome: Floats) -> AdditiveLogit:
        return fit_additive(rows.values, outcome, penalty, _trends(rows), rows.learner)

    rows = table.select(np.isfinite(table.outcome))
    fitted = fit(rows, rows.outcome)
    if len(rows) == len(table):
        return fitted, table.outcome
    expected = expected_outcome(sigmoid(fitted.log_odds(table.values)), table.evidence)
    for _ in range(_ROUNDS):
        fitted, before = fit(table, expected), expected
        expected = expected_outcome(sigmoid(fitted.log_odds(table.values)), table.evidence)
        if np.abs(expected - before).max() < _SETTLED:
            break
    return fitted, expected


def platt(log_odds: Floats, outcome: Floats, counts: Floats | None = None, fixed_slope: bool = False) -> tuple[float, float]:
    """(shift, slope) of the logistic regression of `outcome` on `log_odds`, with priors N(0, 1) and N(1, ¼); slope within 0 and 2.

    `counts` is what each row counts, 1 where None.
    """
    counts = np.ones(len(outcome)) if counts is None else counts
    shift, slope = 0.0, 1.0
    for _ in range(_STEPS):
        chance = sigmoid(shift + slope * log_odds)
        error, curve = counts * (chance - outcome), counts * chance * (1 - chance)
        gradient = np.array([error.sum() + shift, error @ log_odds + (slope - 1) / _SLOPE_VARIANCE])
        curvature = np.array([[curve.sum() + 1, curve @ log_odds], [curve @ log_odds, curve @ log_odds**2 + 1 / _SLOPE_VARIANCE]])
        if fixed_slope:
            gradient[1], curvature[0, 1], curvature[1, 0] = 0.0, 0.0, 0.0
        step = np.linalg.solve(curvature, gradient)
        shift, slope = shift - float(step[0]), float(np.clip(slope - step[1], 0.0, _MOST_SLOPE))
        if np.abs(step).max() < 1e-10:
            break
    return shift, slope


def _trends(table: FinishTable) -> tuple[int, ...]:
    return tuple(feature.trend for feature in table.features)


def _forward_chained_log_odds(ordered: FinishTable, bounds: Sequence[int], penalty: float) -> Floats:
    """Log-odds of the rows between the bounds, each part by a fit on all rows before it."""
    parts = []
    for first, end in pairwise(bounds):
        fitted = fit_additive(ordered.values[:first], ordered.outcome[:first], penalty, _trends(ordered), ordered.learner[:first])
        parts.append(fitted.log_odds(ordered.values[first:end]))
    return np.concatenate(parts)
