"""Multinomial logit over candidates: which weights make the courses people took next the most probable of their pool?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Matrix = npt.NDArray[np.float32]
_STOP = {"maxiter": 120, "ftol": 1e-7}  # relative to a loss of a few nats per choice; rankings are settled long before


@dataclass(frozen=True)
class Choices:
    """What was chosen from which pool.

    `features` is (choices, pool, n_features) float32, `chosen` the pool position taken, `usable` (choices, pool) marks
    candidates that could have been taken.
    """

    features: Matrix
    chosen: npt.NDArray[np.int64]
    usable: npt.NDArray[np.bool_]

    @staticmethod
    def join(parts: list["Choices"]) -> "Choices":
        """All choices of several sets with pools of the same size."""
        return Choices(
            np.concatenate([p.features for p in parts]),
            np.concatenate([p.chosen for p in parts]),
            np.concatenate([p.usable for p in parts]),
        )


def fit_weights(choices: Choices, penalty: float, least: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Weights w ≥ `least` that minimize -Σ log softmax(features · w)[chosen] + penalty / 2 · |w · spread|².

    McFadden's conditional logit (1974) with a ridge, in units of each feature's spread so that the penalty treats all alike;
    convex, so no seed is involved. `least` may hold -inf for weights without a bound. Without choices every weight is 0, or
    its bound where that is higher.
    """
    features, chosen, usable = choices.features, choices.chosen, choices.usable
    if not len(chosen):
        return np.maximum(least, 0).astype(np.float32)
    spread = np.maximum(features[usable].std(axis=0, dtype=np.float64), 1e-6)
    each = np.arange(len(chosen))
    taken = features[each, chosen].sum(axis=0, dtype=np.float64)
    barred = np.where(usable, np.float32(0), np.float32(-np.inf))
    flat = features.reshape(-1, features.shape[2])

    def objective(scaled_weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = scaled_weights / spread
        logits = (flat @ weights.astype(np.float32)).reshape(usable.shape) + barred
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        total = odds.sum(axis=1, keepdims=True)
        loss = float(np.log(total[:, 0], dtype=np.float64).sum() - logits[each, chosen].sum(dtype=np.float64))
        expected = (odds / total).reshape(-1) @ flat
        slope = (expected - taken) / spread + penalty * scaled_weights
        return (loss + penalty / 2 * float(scaled_weights @ scaled_weights)) / len(chosen), slope / len(chosen)

    lower = least * spread
    start = np.maximum(lower, 0.1)
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=list(zip(lower, np.full_like(lower, np.inf), strict=True)), options=_STOP
    )
    return np.maximum(found.x / spread, least).astype(np.float32)
