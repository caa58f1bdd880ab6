"""Multinomial logit over candidates: which weights make the courses people took next the most probable of their pool?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Matrix = npt.NDArray[np.float32]


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
    convex, so the result does not depend on a seed. Bounds keep weights from canceling: every part then reads as a reason
    for an item. Without choices the result is `least`.
    """
    features, chosen, usable = choices.features, choices.chosen, choices.usable
    if not len(chosen):
        return least.astype(np.float32)
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
    found = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=[(low, None) for low in lower], options={"maxiter": 150})
    return np.maximum(found.x / spread, least).astype(np.float32)  # type: ignore[no-any-return]
