"""Generalized additive logistic model: a sum of one curve per feature, so that its log-odds decompose exactly.

Generalized additive model (Hastie & Tibshirani 1986) with piecewise linear curves between knots and a penalty on differences of
neighbors (P-splines of degree one, Eilers & Marx 1996); a heavy one on differences against a feature's trend (Bollaerts, Eilers & van
Mechelen 2006). A value that is unknown has a coefficient of its own, which starts from the mean of the known ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recsys.completion.sample_weights import LEAST_LEARNERS, Flags, Ints, effective_learners, learner_capped_weights
from recsys.threads import one_thread

Floats = npt.NDArray[np.float64]
KNOTS = 8
_RIDGE = 0.5  # curves start from zero: a normal prior of variance 2 on log-odds
_UNKNOWN = 10.0  # the unknown off the mean of the known: variance 0.1; over 15 features of three sources the mean square was 0.06
_AGAINST_TREND = 1e3  # per outcome: what is left against a trend is below a thousandth
_MOST_STEPS = 50
_SETTLED = 1e-9  # nats per outcome
_SHORTEST = 1e-6


@dataclass(frozen=True)
class AdditiveLogit:
    """log-odds(x) = base + Σ over features of curve(x); every curve has mean zero over the training rows.

    `knots` is (features, KNOTS) ascending, padded with the last knot; `curves` (features, KNOTS + 1) holds log-odds at the knots and,
    last, for an unknown value. `covariance` is that of (base, curves…) flattened, from the curvature at the optimum (Laplace).
    """

    base: float
    knots: Floats
    curves: Floats
    covariance: Floats

    def contributions(self, values: Floats) -> Floats:
        """What each feature adds to the log-odds, (rows, features); with `base` they sum to `log_odds`."""
        parts = np.empty(values.shape)
        for column in range(values.shape[1]):
            parts[:, column] = self.contribution(column, values[:, column])
        return parts

    def contribution(self, column: int, x: Floats) -> Floats:
        """What one feature adds to the log-odds at the values `x`, of the shape of `x`."""
        curve = self.curves[column]
        return np.asarray(np.where(np.isnan(x), curve[-1], np.interp(x, self.knots[column], curve[:-1])), np.float64)

    def log_odds(self, values: Floats) -> Floats:
        """Log-odds of each row, shape (rows,)."""
        return np.asarray(self.base + self.contributions(values).sum(axis=1), np.float64)

    def standard_error(self, values: Floats) -> Floats:
        """Standard error of the log-odds, shape (rows,): how sure the training data make the model, wide where values are unknown."""
        design = _design(values, self.knots)
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", design @ self.covariance, design)), np.float64)

    def with_rescaled_log_odds(self, slope: float, shift: float) -> "AdditiveLogit":
        """The model of log-odds shift + slope · log-odds, still a sum of curves."""
        return replace(self, base=shift + slope * self.base, curves=slope * self.curves, covariance=slope * slope * self.covariance)


def fit_additive(values: Floats, outcome: Floats, penalty: float, trends: Sequence[int] = (), learner: Ints | None = None) -> AdditiveLogit:
    """The curves that maximize the log-likelihood less penalty / 2 · Σ (difference of neighboring knots)².

    `values` is (rows, features) with NaN for unknown, `outcome` 0 or 1, or the chance of 1 where it is not known yet, `trends` one sign
    per feature (see Feature.trend; none where empty), `learner` codes (every row one of its own where None): none decides much, see
    completion.sample_weights. What few show is not learned, see `_estimate_to_coefficient_maps`. Convex, so no seed is
    involved; Newton steps on one thread.
    """
    knots = _knots(values)
    learner = np.arange(len(outcome)) if learner is None else learner
    design = _design(values, knots)
    learned, answers = _estimate_to_coefficient_maps(design, np.isnan(values), learner)
    prior = _Prior(len(knots), penalty, trends, _AGAINST_TREND * len(outcome))
    with one_thread():
        estimate, curvature = _newton(design @ learned, outcome, learner_capped_weights(learner), prior)
        weights, covariance = answers @ estimate, np.asarray(answers @ np.linalg.inv(curvature) @ answers.T, np.float64)
    curves = weights[1:].reshape(len(knots), KNOTS + 1).copy()
    means = design.mean(axis=0)[1:].reshape(curves.shape)
    shift = (means * curves).sum(axis=1)
    for own, curve in zip(knots, curves, strict=True):
        curve[_count_distinct_knots(own) : KNOTS] = curve[_count_distinct_knots(own) - 1]  # padded knots repeat the last one
    # Each curve's mean goes into the base. The covariance needs no change: a feature's columns of the design sum to one in every row.
    return AdditiveLogit(float(weights[0] + shift.sum()), knots, curves - shift[:, None], covariance)


def sigmoid(log_odds: Floats) -> Floats:
    """1 / (1 + e^-x) without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * log_odds)), np.float64)


def log_loss(log_odds: Floats, outcome: Floats) -> float:
    """Mean of -log P(outcome), nats."""
    return float(np.mean(np.logaddexp(0, log_odds) - outcome * log_odds))


def _knots(values: Floats) -> Floats:
    """Quantiles of the known values, the distinct values where these are few; a feature never known has knots at zero."""
    rows = []
    for column in values.T:
        known = np.unique(column[~np.isnan(column)])
        if len(known) > KNOTS:
            known = np.unique(np.quantile(column[~np.isnan(column)], np.linspace(0.02, 0.98, KNOTS)))
        filled = known if len(known) else np.zeros(1)
        rows.append(np.concatenate([filled, np.full(KNOTS - len(filled), filled[-1])]))
    return np.array(rows).reshape(values.shape[1], KNOTS)


def _count_distinct_knots(own: Floats) -> int:
    """Distinct knots of a feature."""
    return int(np.count_nonzero(np.diff(own))) + 1


def _design(values: Floats, knots: Floats) -> Floats:
    """Columns: 1, then per feature a hat function per knot and a mark of unknown; each feature's columns sum to 1 in every row."""
    rows = np.arange(len(values))
    design = np.zeros((len(values), 1 + len(knots) * (KNOTS + 1)))
    design[:, 0] = 1
    for feature, own in enumerate(knots):
        first = 1 + feature * (KNOTS + 1)
        unknown = np.isnan(values[:, feature])
        last = _count_distinct_knots(own) - 1
        x = np.clip(np.where(unknown, own[0], values[:, feature]), own[0], own[last])
        left = np.clip(np.searchsorted(own[: last + 1], x, side="right") - 1, 0, max(last - 1, 0))
        right = np.minimum(left + 1, last)
        width = own[right] - own[left]
        share = np.divide(x - own[left], width, out=np.zeros(len(x)), where=width > 0)
        design[rows, first + left] = 1 - share
        design[rows, first + right] += share
        design[unknown, first : first + KNOTS] = 0
        design[unknown, first + KNOTS] = 1
    return design


def _estimate_to_coefficient_maps(design: Floats, unknown: Flags, learner: Ints) -> tuple[Floats, Floats]:
    """Linear maps of what is estimated to coefficients of the design, the first to learn by, the second to answer by.

    Estimated are curves and, per feature, by how much the unknown is off the mean of the known. What few learners show teaches nothing:
    where few had a value unknown, that number stays what the prior says of it, zero with a variance. Where few had it known, the curve
    is flat and a known value is off the unknown by such a number.
    """
    hidden, bare = (effective_learners(flags, learner) < LEAST_LEARNERS for flags in (unknown, ~unknown))
    answers = np.eye(design.shape[1])
    marks = 1 + KNOTS + (KNOTS + 1) * np.arange(unknown.shape[1])
    for feature, mark in enumerate(marks.tolist()):
        curve = slice(mark - KNOTS, mark)
        if bare[feature]:
            answers[curve, curve], answers[curve, mark], answers[mark, mark] = 0, 1, 0
        else:
            answers[mark, curve] = design[~unknown[:, feature], curve].mean(axis=0)
    learned = answers.copy()
    learned[:, marks[hidden | bare]] = 0
    return learned, answers


class _Prior:
    """Penalty over (base, curves): differences of neighboring knots, those against a trend above all, and a ridge on all but the base.

    An unknown value's coefficient is counted from the mean of the known ones, see `_estimate_to_coefficient_maps`.
    """

    def __init__(self, n_features: int, penalty: float, trends: Sequence[int], barrier: float) -> None:
        self.barrier = barrier
        step = np.diff(np.eye(KNOTS), axis=0)
        block = np.zeros((KNOTS + 1, KNOTS + 1))
        block[:KNOTS, :KNOTS] = penalty * step.T @ step
        size = 1 + n_features * (KNOTS + 1)
        self.smooth = np.zeros((size, size))
        self.smooth[1:, 1:] = np.kron(np.eye(n_features), block + np.diag([_RIDGE] * KNOTS + [_UNKNOWN]))
        # One row per pair of neighbors with a trend: positive where the curve runs against it.
        self.against = np.zeros((sum(trend != 0 for trend in trends) * (KNOTS - 1), size))
        row = 0
        for feature, trend in enumerate(trends):
            if trend:
                first = 1 + feature * (KNOTS + 1)
                self.against[row : row + KNOTS - 1, first : first + KNOTS] = -trend * step
                row += KNOTS - 1

    def value(self, coefficients: Floats) -> float:
        wrong = np.maximum(self.against @ coefficients, 0)
        return float(coefficients @ self.smooth @ coefficients + self.barrier * wrong @ wrong) / 2

    def derivatives(self, coefficients: Floats) -> tuple[Floats, Floats]:
        broken = self.against[self.against @ coefficients > 0]
        curvature = self.smooth + self.barrier * broken.T @ broken
        return curvature @ coefficients, curvature


def _newton(design: Floats, outcome: Floats, counts: Floats, prior: _Prior) -> tuple[Floats, Floats]:
    """Optimal coefficients and the curvature there; halves a step that does not improve."""
    share = np.clip(np.average(outcome, weights=counts), 1e-3, 1 - 1e-3)
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = np.log(share / (1 - share))
    value = _objective(design, coefficients, outcome, counts, prior)
    for _ in range(_MOST_STEPS):
        slope, curvature = _derivatives(design, coefficients, outcome, counts, prior)
        step = np.asarray(np.linalg.solve(curvature, slope), np.float64)
        improved = _line_search(design, coefficients, step, outcome, counts, prior, value)
        if improved is None:
            break
        gained, (coefficients, value) = value - improved[1], improved
        if gained < _SETTLED * len(outcome):
            break
    return coefficients, _information(design, coefficients, outcome, counts, prior)


def _line_search(
    design: Floats, coefficients: Floats, step: Floats, outcome: Floats, counts: Floats, prior: _Prior, value: float
) -> tuple[Floats, float] | None:
    """Coefficients and objective after the first of halved steps that improves; None when none does."""
    length = 1.0
    while length > _SHORTEST:
        trial = coefficients - length * step
        reached = _objective(design, trial, outcome, counts, prior)
        if reached <= value:
            return trial, reached
        length /= 2
    return None


def _derivatives(design: Floats, coefficients: Floats, outcome: Floats, counts: Floats, prior: _Prior) -> tuple[Floats, Floats]:
    chance = sigmoid(design @ coefficients)
    slope, curvature = prior.derivatives(coefficients)
    return design.T @ (counts * (chance - outcome)) + slope, (design * (counts * chance * (1 - chance))[:, None]).T @ design + curvature


def _information(design: Floats, coefficients: Floats, outcome: Floats, counts: Floats, prior: _Prior) -> Floats:
    """The curvature less what it holds of outcomes that are not known yet (Louis 1982): these make little sure."""
    chance = sigmoid(design @ coefficients)
    known_part = np.maximum(chance * (1 - chance) - outcome * (1 - outcome), 0)
    return (design * (counts * known_part)[:, None]).T @ design + prior.derivatives(coefficients)[1]


def _objective(design: Floats, coefficients: Floats, outcome: Floats, counts: Floats, prior: _Prior) -> float:
    log_odds = design @ coefficients
    return float(counts @ (np.logaddexp(0, log_odds) - outcome * log_odds)) + prior.value(coefficients)
