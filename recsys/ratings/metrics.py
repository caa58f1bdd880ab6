"""Errors of predicted ratings and figures of predicted classes, with intervals by the bootstrap over learners.

Every function takes weights of shape (samples, rows), one resample per row of it, and returns one figure per sample. A
learner's ratings are alike, so whole learners are drawn, not rows (cluster bootstrap; Field & Welsh 2007).
"""

from collections.abc import Mapping

import numpy as np

from recsys.ratings.rating_table import Codes, Floats, Mask

SAMPLES = 1000
LEVEL = 0.95
_BLOCK = 8_000_000  # weights held at once


def bootstrap_row_counts(users: Codes, seed: int, samples: int = SAMPLES) -> Floats:
    """How often each row stands in each draw of learners: (1 + draws, rows), the first row the data as they are.

    `samples` draws, fewer where rows are many, but at least 100.
    """
    _, codes = np.unique(users, return_inverse=True)
    n = int(codes.max()) + 1
    rng = np.random.default_rng(seed)
    samples = max(100, min(samples, _BLOCK // max(len(users), 1)))
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=samples)
    return np.vstack([np.ones((1, len(users))), drawn[:, codes]]).astype(np.float64)


def rating_errors(predicted: Floats, actual: Floats, weights: Floats) -> dict[str, Floats]:
    """RMSE and MAE per sample."""
    total = weights.sum(axis=1)
    off = predicted - actual
    return {"rmse": np.sqrt(weights @ off**2 / total), "mae": weights @ np.abs(off) / total}


def class_figures(predicted: Mask, score: Floats, actual: Mask, weights: Floats) -> dict[str, Floats]:
    """Accuracy, balanced accuracy, precision, recall and F1 of the completed class, F1 of the audited class, and AUC.

    A ratio without cases is 0 (precision when nothing is picked), except where the sample lacks a class: then AUC and
    balanced accuracy are NaN.
    """
    right = predicted == actual
    cells = (right & actual, ~right & predicted, ~right & actual, right & ~actual)
    hit, false, miss, left = (weights @ cell.astype(np.float64) for cell in cells)
    recall, specificity = _ratio(hit, hit + miss, np.nan), _ratio(left, left + false, np.nan)
    return {
        "accuracy": (hit + left) / weights.sum(axis=1),
        "balanced_accuracy": (recall + specificity) / 2,
        "precision": _ratio(hit, hit + false),
        "recall": np.nan_to_num(recall),
        "f1": _ratio(2 * hit, 2 * hit + false + miss),
        "audited_f1": _ratio(2 * left, 2 * left + false + miss),
        "auc": area_under_curve(score, actual, weights),
    }


def area_under_curve(score: Floats, actual: Mask, weights: Floats) -> Floats:
    """Chance that a completed pair scores above an audited one, equal scores counting half (Hanley & McNeil 1982)."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(score[order]) != 0]))
    positive = np.add.reduceat(weights[:, order] * actual[order], starts, axis=1)
    negative = np.add.reduceat(weights[:, order] * ~actual[order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative / 2
    return _ratio((positive * below).sum(axis=1), positive.sum(axis=1) * negative.sum(axis=1), np.nan)


def values_with_intervals(figures: Mapping[str, Floats]) -> dict[str, dict[str, float | list[float] | None]]:
    """Value and 95 % interval of each figure; None where a figure does not exist."""
    return {name: {"value": _round_or_none(values[0]), "ci": _interval(values[1:])} for name, values in figures.items()}


def _interval(values: Floats) -> list[float] | None:
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    tail = (1 - LEVEL) / 2
    return [round(float(v), 6) for v in np.quantile(known, [tail, 1 - tail])]


def _round_or_none(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)


def _ratio(above: Floats, below: Floats, empty: float = 0.0) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(below), empty), where=below > 0), np.float64)
