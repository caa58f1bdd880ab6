"""Off-policy estimators: the reward another policy would have had on logged slates.

The policies choose slates; the log holds the chance of each item at its position, not of whole slates. That identifies the
value of another policy when what a place brings depends on the item, the position and the situation, not on what stands in
the other places: the item-position model of Li et al. 2018 (Offline Evaluation of Ranking Policies with Click Models). A
slate's value is the sum over its places, and with w = target chance / propensity and q a model of rewards

    IPS      mean over slates of Σ w r                                     Horvitz & Thompson 1952
    clipped  the same with min(w, clip): less spread, a bias towards 0     Ionides 2008
    SNIPS    per position Σ w r / Σ w, times the places the target fills   Swaminathan & Joachims 2015
    DM       mean over slates of Σ over target places of chance · q        the model alone
    DR       DM + mean over slates of Σ w (r - q)                          Dudík, Langford & Li 2011

DR is right when either the propensities or the model is. Intervals come from a bootstrap over learners, whose slates belong
together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from recsys.data.slates import LoggedSlates
from recsys.evaluation.reward_model import AdditiveRewards, RewardModel, cross_fitted
from recsys.evaluation.target_policy import TargetPolicy

Floats = npt.NDArray[np.float64]
EstimatorName = Literal["logged", "ips", "clipped", "snips", "dm", "dr"]
ESTIMATORS: tuple[EstimatorName, ...] = ("logged", "ips", "clipped", "snips", "dm", "dr")
_NOTHING = 1e-9  # what is left of a sum when all of its terms are taken out again
_BLOCK = 8_000_000  # entries of the resampling matrix held at a time


@dataclass(frozen=True, slots=True)
class Settings:
    """`clip` is the largest weight of the clipped estimator, `folds` those of cross-fitting, `samples` the bootstrap's."""

    clip: float = 10.0
    folds: int = 5
    samples: int = 1000
    level: float = 0.95
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Reward per slate with its interval; NaN where the log cannot give it. `lift` is the difference to what was served, with
    an interval of its own: both come from the same learners."""

    value: float
    low: float
    high: float
    lift: float
    lift_low: float
    lift_high: float


@dataclass(frozen=True)
class Result:
    """A target policy by every estimator. `weights` (n_places,) are target chance / propensity; `coverage` the share of what
    the target would show that the log can speak about (1 is all; the interval tells its noise)."""

    target: TargetPolicy
    weights: Floats
    estimates: dict[EstimatorName, Estimate]
    coverage: tuple[float, float, float]


@dataclass(frozen=True)
class _Statistic:
    """An estimate as a function of sums over learners: `sums` is (n_learners, m), `value` maps (b, m) totals to (b,)."""

    sums: Floats
    value: Callable[[Floats], Floats]


def estimate(log: LoggedSlates, target: TargetPolicy, settings: Settings | None = None, model: RewardModel | None = None) -> Result:
    """The value of `target` on `log`; see the module. `model` is refitted on each fold (default: AdditiveRewards)."""
    chosen = settings or Settings()
    weights = target.logged_probabilities(log) / log.propensity
    logged_q, target_q = cross_fitted(model or AdditiveRewards(), log, target, chosen.folds, chosen.seed)
    direct = _per_slate(log.n_slates, target.slate, target.probability * target_q)
    correction = _per_slate(log.n_slates, log.slate, weights * (log.reward - logged_q))
    clipped = np.minimum(weights, chosen.clip)
    per_slate: dict[EstimatorName, Floats] = {
        "logged": _per_slate(log.n_slates, log.slate, log.reward),
        "ips": _per_slate(log.n_slates, log.slate, weights * log.reward),
        "clipped": _per_slate(log.n_slates, log.slate, clipped * log.reward),
        "dm": direct,
        "dr": direct + correction,
    }
    statistics = {name: _mean_of(log, values) for name, values in per_slate.items()}
    statistics["snips"] = _self_normalized(log, target, weights)
    covered = _ratio_of(log, _per_slate(log.n_slates, log.slate, weights), _per_slate(log.n_slates, target.slate, target.probability))
    resampled = _resample([*(statistics[name] for name in ESTIMATORS), covered], chosen)
    served, level = ESTIMATORS.index("logged"), chosen.level
    estimates = {
        name: Estimate(*resampled.interval(number, level), *resampled.interval(number, level, served))
        for number, name in enumerate(ESTIMATORS)
    }
    return Result(target, weights, estimates, resampled.interval(len(ESTIMATORS), level))


def effective_sample_size(weights: Floats) -> float:
    """(Σw)² / Σw² (Kish 1965): as many equally weighted places would tell as much; 0 where all weights are 0."""
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def _per_slate(n_slates: int, slate: npt.NDArray[np.int64], values: Floats) -> Floats:
    return np.bincount(slate, weights=values, minlength=n_slates).astype(np.float64)


def _per_learner(log: LoggedSlates, columns: Sequence[Floats]) -> Floats:
    """Sums over each learner's slates; shape (n_learners, len(columns))."""
    return np.stack([np.bincount(log.learner, weights=column, minlength=log.n_learners) for column in columns], axis=1)


def _mean_of(log: LoggedSlates, per_slate: Floats) -> _Statistic:
    return _ratio_of(log, per_slate, np.ones(log.n_slates))


def _ratio_of(log: LoggedSlates, numerator: Floats, denominator: Floats) -> _Statistic:
    return _Statistic(_per_learner(log, [numerator, denominator]), lambda totals: _ratio(totals[:, 0], totals[:, 1]))


def _self_normalized(log: LoggedSlates, target: TargetPolicy, weights: Floats) -> _Statistic:
    """Self-normalized estimates, each position by itself: positions differ in what they bring and in how random they are."""
    positions = np.union1d(log.position, target.position)
    columns = [np.ones(log.n_slates)]
    for position in positions:
        here, there = log.position == position, target.position == position
        columns.append(_per_slate(log.n_slates, log.slate[here], weights[here] * log.reward[here]))
        columns.append(_per_slate(log.n_slates, log.slate[here], weights[here]))
        columns.append(_per_slate(log.n_slates, target.slate[there], target.probability[there]))

    def value(totals: Floats) -> Floats:
        gained, weight, filled = totals[:, 1::3], totals[:, 2::3], totals[:, 3::3]
        mean = np.where(filled > 0, _ratio(gained, weight), 0.0)  # a position the target leaves empty brings nothing
        return _ratio((filled * mean).sum(axis=1), totals[:, 0])

    return _Statistic(_per_learner(log, columns), value)


@dataclass(frozen=True)
class _Resampled:
    """Statistics on all learners (n,), on resampled learners (n, samples), and without one learner (n, n_learners)."""

    values: Floats
    draws: Floats
    without_one: Floats

    def interval(self, number: int, level: float, against: int | None = None) -> tuple[float, float, float]:
        """Value and interval of a statistic, or of its difference to the one at `against`."""
        parts = [a[number] - (0 if against is None else a[against]) for a in (self.values, self.draws, self.without_one)]
        return float(parts[0]), *_bca_interval(float(parts[0]), parts[1], parts[2], level)


def _resample(statistics: Sequence[_Statistic], settings: Settings) -> _Resampled:
    sums = np.concatenate([s.sums for s in statistics], axis=1)
    ends = np.cumsum([s.sums.shape[1] for s in statistics])[:-1]

    def values_of_totals(totals: Floats) -> Floats:
        parts = np.split(totals, ends, axis=1)
        return np.stack([s.value(part) for s, part in zip(statistics, parts, strict=True)])

    rng = np.random.default_rng(settings.seed)
    n_learners, total = len(sums), sums.sum(axis=0, keepdims=True)
    step = max(1, _BLOCK // n_learners)
    draws = []
    for start in range(0, settings.samples, step):
        size = min(step, settings.samples - start)
        counts = rng.multinomial(n_learners, np.full(n_learners, 1 / n_learners), size=size)
        draws.append(values_of_totals(counts @ sums))
    return _Resampled(values_of_totals(total)[:, 0], np.concatenate(draws, axis=1), values_of_totals(total - sums))


def _bca_interval(value: float, draws: Floats, without_one: Floats, level: float) -> tuple[float, float]:
    """The BCa interval of Efron 1987: percentiles moved for bias and skewness, which few heavy weights bring about."""
    known, kept = draws[np.isfinite(draws)], without_one[np.isfinite(without_one)]
    if not len(known) or not np.isfinite(value):
        return float("nan"), float("nan")
    below = (np.count_nonzero(known < value) + 0.5 * np.count_nonzero(known == value)) / len(known)
    bias = ndtri(np.clip(below, 0.5 / len(known), 1 - 0.5 / len(known)))
    deviation = kept.mean() - kept if len(kept) else np.zeros(1)
    spread = float(deviation @ deviation)
    acceleration = float((deviation**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    ends = bias + np.array([ndtri((1 - level) / 2), ndtri((1 + level) / 2)])
    low, high = np.quantile(known, ndtr(bias + ends / (1 - acceleration * ends)))
    return float(low), float(high)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    result: Floats = np.divide(numerator, denominator, out=np.full(np.shape(numerator), np.nan), where=denominator > _NOTHING)
    return result
