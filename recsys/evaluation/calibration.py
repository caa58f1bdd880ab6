"""Calibration of probabilities: scores, Murphy's decomposition, reliability curve, with intervals over learners."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BINS = 10
SAMPLES = 500
_LEAST = 1e-12
_Z = 1.959963984540054  # standard normal quantile of a 95 % interval


def brier_score(outcome: Floats, probability: Floats, weight: Floats | None = None) -> float:
    """Mean squared difference of probability and outcome (Brier 1950); 0 is perfect, p (1 - p) what a constant p reaches."""
    return float(np.average((probability - outcome) ** 2, weights=weight))


def brier_skill(outcome: Floats, probability: Floats, weight: Floats | None = None) -> float:
    """1 - Brier / Brier of the outcomes' own share: how much better than the best constant, found with hindsight."""
    share = np.average(outcome, weights=weight)
    uncertainty = share * (1 - share)
    return float(1 - brier_score(outcome, probability, weight) / uncertainty) if uncertainty > 0 else 0.0


def log_loss(outcome: Floats, probability: Floats, weight: Floats | None = None) -> float:
    """Mean -ln P(what happened), nats; probabilities are kept 10⁻¹² away from 0 and 1."""
    stated = np.clip(np.where(outcome > 0, probability, 1 - probability), _LEAST, 1)
    return float(np.average(-np.log(stated), weights=weight))


def auc(outcome: Floats, probability: Floats, weight: Floats | None = None) -> float:
    """Chance that a finished attempt has a higher probability than one that was not, ties counting half; NaN with one kind only."""
    return _auc(outcome, np.unique(probability, return_inverse=True)[1], weight)


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of the reliability curve: attempts, mean probability, share finished with its 95 % Wilson interval."""

    count: int
    predicted: float
    observed: float
    low: float
    high: float


def bin_numbers(probability: Floats, bins: int = BINS) -> Ints:
    """The bin of each probability: bins of about equal size by rank; equal probabilities share one, so there may be fewer."""
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1])) if len(probability) else np.empty(0)
    raw = np.searchsorted(edges, probability, side="right")
    return np.unique(raw, return_inverse=True)[1].astype(np.int64)


def reliability_curve(outcome: Floats, probability: Floats, bins: int = BINS) -> tuple[Bin, ...]:
    """Share finished against probability stated, bin by bin, the lowest first."""
    number = bin_numbers(probability, bins)
    curve = []
    for which in range(int(number.max(initial=-1)) + 1):
        rows = number == which
        count, share = int(rows.sum()), float(outcome[rows].mean())
        curve.append(Bin(count, float(probability[rows].mean()), share, *wilson(share, count)))
    return tuple(curve)


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share of `count` cases (Wilson 1927); (0, 1) for none."""
    if count == 0:
        return 0.0, 1.0
    spread = _Z * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    middle, scale = share + _Z**2 / (2 * count), 1 + _Z**2 / count
    return float(max((middle - spread) / scale, 0.0)), float(min((middle + spread) / scale, 1.0))


def expected_calibration_error(outcome: Floats, probability: Floats, bins: int = BINS, weight: Floats | None = None) -> float:
    """Mean over bins of |share finished - mean probability|, by attempts (Naeini et al. 2015, bins of equal size).

    Never negative, so chance alone makes it positive: compare with `expected_error_if_calibrated`.
    """
    return _binned_error(outcome, probability, bin_numbers(probability, bins), weight)


def expected_error_if_calibrated(probability: Floats, seed: int, bins: int = BINS, samples: int = 200) -> float:
    """The mean `expected_calibration_error` of outcomes drawn with exactly these probabilities: what perfection would show."""
    rng = np.random.default_rng(seed)
    number = bin_numbers(probability, bins)
    drawn = (_binned_error((rng.random(len(probability)) < probability).astype(np.float64), probability, number) for _ in range(samples))
    return float(np.mean(list(drawn)))


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Brier = reliability - resolution + uncertainty + within (Murphy 1973).

    reliability: squared distance of stated and observed share per bin, 0 is perfect; resolution: how far the bins' shares are from the
    overall one; uncertainty: p (1 - p) of the overall share; within: what differing probabilities inside a bin add, 0 when each bin
    holds one value (Stephenson, Coelho & Jolliffe 2008).
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float


def murphy(outcome: Floats, probability: Floats, bins: int = BINS) -> Decomposition:
    """The parts of the Brier score over the bins of the reliability curve."""
    number = bin_numbers(probability, bins)
    count = np.bincount(number)
    predicted, observed = (np.bincount(number, weights=values) / count for values in (probability, outcome))
    share, total = outcome.mean(), len(outcome)
    reliability = float(count @ (predicted - observed) ** 2 / total)
    resolution = float(count @ (observed - share) ** 2 / total)
    uncertainty = float(share * (1 - share))
    deviation = probability - predicted[number]
    within = float(np.mean(deviation**2) - 2 * np.mean(deviation * (outcome - observed[number])))
    return Decomposition(reliability, resolution, uncertainty, within)


def score_intervals(
    outcome: Floats, probability: Floats, groups: Ints, seed: int, samples: int = SAMPLES
) -> dict[str, tuple[float, float, float]]:
    """auc, brier, brier_skill, log_loss and ece as (value, low, high): 95 % percentile intervals, resampling `groups` (learners) with
    all their attempts."""
    draws = _bootstrap_counts(groups, seed, samples)
    return {
        name: _with_interval(score(None), [score(weight) for weight in draws])
        for name, score in _score_functions(outcome, probability).items()
    }


def score_difference_intervals(
    outcome: Floats, first: Floats, second: Floats, groups: Ints, seed: int, samples: int = SAMPLES
) -> dict[str, tuple[float, float, float]]:
    """Scores of `first` less those of `second`, as `score_intervals`, learners resampled alike for both."""
    draws, one, other = _bootstrap_counts(groups, seed, samples), _score_functions(outcome, first), _score_functions(outcome, second)
    return {
        name: _with_interval(score(None) - other[name](None), [score(weight) - other[name](weight) for weight in draws])
        for name, score in one.items()
    }


_Score = Callable[[Floats | None], float]


def _score_functions(outcome: Floats, probability: Floats) -> dict[str, _Score]:
    """Every score as a function of the attempts' weights; ties and bins are found once."""
    tied, number = np.unique(probability, return_inverse=True)[1], bin_numbers(probability)
    return {
        "auc": lambda weight: _auc(outcome, tied, weight),
        "brier": lambda weight: brier_score(outcome, probability, weight),
        "brier_skill": lambda weight: brier_skill(outcome, probability, weight),
        "log_loss": lambda weight: log_loss(outcome, probability, weight),
        "ece": lambda weight: _binned_error(outcome, probability, number, weight),
    }


def _with_interval(value: float, draws: list[float]) -> tuple[float, float, float]:
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return value, float(low), float(high)


def _bootstrap_counts(groups: Ints, seed: int, samples: int) -> list[Floats]:
    """How often each attempt is in each bootstrap sample."""
    rng = np.random.default_rng(seed)
    _, code = np.unique(groups, return_inverse=True)
    size = int(code.max(initial=-1)) + 1
    even = np.full(size, 1 / max(size, 1))
    return [rng.multinomial(size, even)[code].astype(np.float64) for _ in range(samples)]


def _auc(outcome: Floats, tied: Ints, weight: Floats | None) -> float:
    """`tied` is the rank of each probability, equal for equal ones."""
    weights = np.ones(len(outcome)) if weight is None else weight
    positive = np.bincount(tied, weights=weights * outcome)
    negative = np.bincount(tied, weights=weights * (1 - outcome))
    below = np.cumsum(negative) - negative
    pairs = positive.sum() * negative.sum()
    return float(positive @ (below + negative / 2) / pairs) if pairs > 0 else float("nan")


def _binned_error(outcome: Floats, probability: Floats, number: Ints, weight: Floats | None = None) -> float:
    weights = np.ones(len(outcome)) if weight is None else weight
    gap = np.bincount(number, weights=weights * (outcome - probability))
    return float(np.abs(gap).sum() / weights.sum())
