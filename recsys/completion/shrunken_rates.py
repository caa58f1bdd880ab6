"""Shrunken completion rates: shares with intervals, the fallback where the model cannot speak."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEVEL = 0.9
"""Probability that every interval of this package is meant to cover."""
_LEAST_STRENGTH, _MOST_STRENGTH = 2.0, 200.0


@dataclass(frozen=True)
class BetaRates:
    """Shares with their interval, arrays of one shape."""

    share: Floats
    low: Floats
    high: Floats


def overall_rate_with_interval(finished: float, outcomes: float) -> BetaRates:
    """Posterior mean and interval of a share under a uniform prior (Laplace's rule); for no data one half, and nearly anything."""
    return _interval(np.array([finished + 1.0]), np.array([outcomes - finished + 1.0]))


def shrunken_rates(finished: Floats, outcomes: Floats, overall: float, strength: float) -> BetaRates:
    """Shares drawn towards `overall` as if `strength` outcomes at that share had been seen before (beta-binomial)."""
    return _interval(finished + strength * overall, outcomes - finished + strength * (1 - overall))


def prior_strength(finished: Floats, outcomes: Floats) -> float:
    """How far groups should be drawn to the overall share, by moments: small when groups differ more than chance makes them.

    With groups of n_i outcomes, Σ n_i (p_i - p)² is about p (1 - p) Σ (1 + (n_i - 1) ρ), ρ = 1 / (strength + 1) (Kleinman 1973).
    """
    seen = outcomes > 0
    n, share = outcomes[seen], finished[seen] / outcomes[seen]
    total = n.sum()
    if len(n) < 2 or total <= len(n):
        return _MOST_STRENGTH
    overall = float(finished[seen].sum() / total)
    variance = overall * (1 - overall)
    if variance == 0:
        return _MOST_STRENGTH
    correlation = (float(n @ (share - overall) ** 2) / variance - len(n)) / (total - len(n))
    strength = 1 / max(correlation, 1e-9) - 1
    return float(np.clip(strength, _LEAST_STRENGTH, _MOST_STRENGTH))


def _interval(successes: Floats, failures: Floats) -> BetaRates:
    from scipy.special import betaincinv  # noqa: PLC0415  # late: where nobody's chances are known, a server would hold it for nothing

    tail = (1 - LEVEL) / 2
    low, high = (np.asarray(betaincinv(successes, failures, q), np.float64) for q in (tail, 1 - tail))
    return BetaRates(successes / (successes + failures), low, high)
