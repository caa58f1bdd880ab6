"""Bootstrap intervals of means over users (Efron 1979; paired as in Sakai 2006)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAMPLES = 1000
_BLOCK = 4_000_000
_TOGETHER = 32  # samples whose means are taken by one matrix product


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its percentile interval."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Is the mean different from 0 at the interval's level?"""
        return self.low > 0 or self.high < 0


def bootstrap_mean(values: npt.NDArray[np.float64], seed: int, samples: int = SAMPLES, level: float = 0.95) -> Interval:
    """Percentile interval of the mean of `values`, resampling users; all zeros where there are none.

    Few distinct values make resampling a multinomial draw over them, which is exact and fast; else users are drawn.
    """
    if len(values) == 0:
        return Interval(0.0, 0.0, 0.0)
    rng = np.random.default_rng(seed)
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) * samples <= _BLOCK:
        means = rng.multinomial(len(values), counts / len(values), size=samples) @ distinct / len(values)
    else:
        means = np.array([values[rng.integers(0, len(values), len(values))].mean() for _ in range(samples)])
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(values.mean()), float(low), float(high))


def paired_difference(
    first: npt.NDArray[np.float64], second: npt.NDArray[np.float64], seed: int, samples: int = SAMPLES, level: float = 0.95
) -> Interval:
    """Interval of mean(first - second); both hold one value per user, in the same order."""
    if first.shape != second.shape:
        raise ValueError(f"paired values differ in shape: {first.shape} and {second.shape}")
    return bootstrap_mean(first - second, seed, samples, level)


def resampled_means(values: npt.NDArray[np.float64], seed: int, samples: int = SAMPLES) -> npt.NDArray[np.float64]:
    """Means over resampled users, (samples, n_columns), of `values` (n_users, n_columns); needs at least one user.

    All columns see the same users in a sample, so that differences and ratios of columns may be formed per sample.
    """
    rng = np.random.default_rng(seed)
    size = len(values)
    blocks = []
    for start in range(0, samples, _TOGETHER):
        count = min(_TOGETHER, samples - start)
        drawn = np.stack([np.bincount(rng.integers(0, size, size), minlength=size) for _ in range(count)])
        blocks.append(drawn.astype(np.float64) @ values / size)
    return np.concatenate(blocks)


def percentile_bounds(means: npt.NDArray[np.float64], level: float = 0.95) -> npt.NDArray[np.float64]:
    """Lower and upper percentile per column, (2, n_columns), of resampled values (samples, n_columns)."""
    tail = (1 - level) / 2
    return np.asarray(np.quantile(means, [tail, 1 - tail], axis=0), np.float64)
