"""Multinomial logit: weights that make the courses people took next the most probable of their pool."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys.threads import one_thread

Matrix = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float64]
_MOST_STEPS = 30
_SETTLED = 1e-6  # nats per choice; rankings stop changing long before
_SHORTEST = 1e-4
_AT_BOUND = 1e-6  # in units of a feature's spread: closer than this and pushed on, a weight rests on its bound
_BLOCK = 512


@dataclass(frozen=True)
class Choices:
    """What was chosen from which pool.

    `features` is (choices, pool, n_features) float32, `chosen` the pool position taken, `usable` (choices, pool) marks
    candidates that could have been taken. `weight` (choices,) says how much each counts, alike where it is None.
    """

    features: Matrix
    chosen: npt.NDArray[np.int64]
    usable: npt.NDArray[np.bool_]
    weight: Vector | None = None

    def take(self, rows: npt.NDArray[np.int64]) -> "Choices":
        """The choices at these positions."""
        weight = None if self.weight is None else self.weight[rows]
        return Choices(self.features[rows], self.chosen[rows], self.usable[rows], weight)

    @staticmethod
    def join(parts: list["Choices"]) -> "Choices":
        """All choices of several sets with pools of the same size."""
        weighted = any(p.weight is not None for p in parts)
        return Choices(
            np.concatenate([p.features for p in parts]),
            np.concatenate([p.chosen for p in parts]),
            np.concatenate([p.usable for p in parts]),
            np.concatenate([np.ones(len(p.chosen)) if p.weight is None else p.weight for p in parts]) if weighted else None,
        )


def fit_weights(choices: Choices, penalty: float, least: npt.NDArray[np.float64], beside: Choices | None = None) -> npt.NDArray[np.float32]:
    """Weights w ≥ `least` that minimize -Σ weight · log softmax(features · w)[chosen] + penalty / 2 · |w · spread|².

    McFadden's conditional logit (1974) with a ridge, in units of each feature's spread so that the penalty treats all alike;
    convex, so no seed is involved. Bounds keep weights from canceling: every part then reads as a reason for an item. `least`
    may be -inf; without choices it is the result. `beside` are more choices, from pools of another size. Solved by projected
    Newton steps (Bertsekas 1982), about ten passes over the features.
    """
    if not len(choices.chosen):
        return least.astype(np.float32)
    with one_thread():
        return _minimize_loss([choices] if beside is None else [choices, beside], penalty, least)


def log_likelihoods(choices: Choices, weights: npt.NDArray[np.float32]) -> Matrix:
    """Log-probability (nats) of what was chosen under given weights, (choices,); 0 at best."""
    logits = np.where(choices.usable, choices.features @ weights.astype(np.float32), np.float32(-np.inf))
    logits -= logits.max(axis=1, keepdims=True)
    own = logits[np.arange(len(logits)), choices.chosen]
    return np.asarray(own - np.log(np.exp(logits).sum(axis=1)), np.float32)


def mean_log_likelihood(choices: Choices, weights: npt.NDArray[np.float32]) -> float:
    """Mean of `log_likelihoods`, by the weight of each choice; 0 without choices."""
    each = log_likelihoods(choices, weights)
    if choices.weight is not None:
        each = each * choices.weight / choices.weight.mean()
    return float(np.mean(each, dtype=np.float64)) if len(each) else 0.0


def _minimize_loss(parts: list[Choices], penalty: float, least: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    spread = np.max([np.maximum(part.features[part.usable].std(axis=0, dtype=np.float64), 1e-6) for part in parts], axis=0)
    loss = _Loss([_ChoiceLikelihood(part, spread) for part in parts], penalty)
    lower = least * spread
    weights = np.maximum(lower, 0.0)
    value, odds = loss.value(weights)
    for _ in range(_MOST_STEPS):
        slope, curvature = loss.derivatives(weights, odds)
        free = (weights > lower + _AT_BOUND) | (slope < 0)
        step = np.zeros_like(weights)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], slope[free])
        step_taken = _line_search(loss, weights, step, lower, value)
        if step_taken is None:
            break
        gained, (weights, value, odds) = value - step_taken[1], step_taken
        if gained < _SETTLED * sum(len(part.chosen) for part in parts):
            break
    return np.asarray(np.maximum(weights / spread, least), np.float32)


def _line_search(loss: "_Loss", weights: Vector, step: Vector, lower: Vector, value: float) -> tuple[Vector, float, list[Matrix]] | None:
    """Weights, loss and odds of the first of halved steps, pulled back inside the bounds, that lowers the loss; or None."""
    length = 1.0
    while length > _SHORTEST:
        trial = np.maximum(weights - length * step, lower)
        reached, odds = loss.value(trial)
        if reached < value:
            return trial, reached, odds
        length /= 2
    return None


@dataclass(frozen=True)
class _Loss:
    """The penalized negative log-likelihood over weights in units of the features' spread."""

    fits: list["_ChoiceLikelihood"]
    penalty: float

    def value(self, weights: Vector) -> tuple[float, list[Matrix]]:
        """The loss and the probabilities (choices, pool) behind it, set by set."""
        values, odds = zip(*(fit.value(weights) for fit in self.fits), strict=True)
        return sum(values) + float(self.penalty / 2 * (weights @ weights)), list(odds)

    def derivatives(self, weights: Vector, odds: list[Matrix]) -> tuple[Vector, Vector]:
        """Gradient and Hessian: expected minus taken features, and their covariance under the probabilities."""
        curvature = self.penalty * np.eye(len(weights))
        slopes = [fit.derivatives(share, curvature) for fit, share in zip(self.fits, odds, strict=True)]
        return np.sum(slopes, axis=0) + self.penalty * weights, curvature


class _ChoiceLikelihood:
    """The negative log-likelihood of one set of choices."""

    def __init__(self, choices: Choices, spread: Vector) -> None:
        self.features = choices.features / spread.astype(np.float32)
        self.barred = np.where(choices.usable, np.float32(0), np.float32(-np.inf))
        self.each, self.chosen, self.weight = np.arange(len(choices.chosen)), choices.chosen, choices.weight
        taken = self.features[self.each, self.chosen]
        self.taken = taken.sum(axis=0, dtype=np.float64) if self.weight is None else self.weight @ taken

    def value(self, weights: Vector) -> tuple[float, Matrix]:
        """The negative log-likelihood and the probabilities (choices, pool) behind it."""
        logits = self.features @ weights.astype(np.float32) + self.barred
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        total = odds.sum(axis=1, keepdims=True)
        whole, own = np.log(total[:, 0]), logits[self.each, self.chosen]
        fit = whole.sum(dtype=np.float64) - own.sum(dtype=np.float64) if self.weight is None else self.weight @ (whole - own)
        return float(fit), odds / total

    def derivatives(self, odds: Matrix, curvature: Vector) -> Vector:
        """The gradient; the Hessian is added to `curvature`."""
        size = len(curvature)
        mean = np.einsum("cp,cpf->cf", odds, self.features)
        slope = mean.sum(axis=0, dtype=np.float64) if self.weight is None else self.weight @ mean
        if self.weight is not None:
            root = np.sqrt(self.weight).astype(np.float32)[:, None]
            odds, mean = odds * root**2, mean * root
        for start in range(0, len(odds), _BLOCK):
            part = slice(start, start + _BLOCK)
            rooted = (self.features[part] * np.sqrt(odds[part])[:, :, None]).reshape(-1, size)
            curvature += rooted.T @ rooted - mean[part].T @ mean[part]
        return np.asarray(slope - self.taken, np.float64)
