"""Conclusions of a rating measurement, in words made from its figures."""

from collections.abc import Mapping, Sequence

import numpy as np

from recsys.ratings.metrics import LEVEL
from recsys.ratings.rating_table import Floats, Mask

Figures = Mapping[str, Mapping[str, Floats]]


def paired_interval(first: Floats, second: Floats) -> tuple[float, float, float]:
    """first - second on the data as they are, and the bounds of its 95 % interval over the same resamples (paired)."""
    gap = first - second
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(gap[1:], [tail, 1 - tail])
    return float(gap[0]), float(low), float(high)


def rating_notes(ratings: Figures, constant: str, means: str, names: Sequence[str]) -> list[str]:
    """Does a regression beat answering with one number, and answering with the means of learner and item?"""
    best = min(names, key=lambda name: float(ratings[name]["rmse"][0]))
    notes = []
    for baseline, words in ((constant, "one number for all"), (means, "the means of learner and item")):
        gap, low, high = paired_interval(ratings[best]["rmse"], ratings[baseline]["rmse"])
        verdict = "better than" if high < 0 else "worse than" if low > 0 else "not told apart from"
        notes.append(f"Rating: {best} is {verdict} {words} (RMSE {gap:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}).")
    return notes


def class_notes(classes: Figures, completed: Mask, majority: str, without: str, names: Sequence[str]) -> list[str]:
    """Where an accuracy is the imbalance of the classes, who beats it, what a model still knows, and what embeddings add."""
    share = float(completed.mean())
    larger, size = ("completed", share) if share >= 0.5 else ("audited", 1 - share)
    alone = classes[majority]
    notes = [
        f"Imbalance: {size:.1%} of the {len(completed)} test pairs are {larger}. Saying so of every pair, knowing nothing, has "
        f"accuracy {alone['accuracy'][0]:.4f}, F1 {alone['f1'][0]:.4f} and AUC {alone['auc'][0]:.2f}."
    ]
    for name in names:
        notes.append(_against_majority(name, classes[name]["accuracy"], alone["accuracy"]))
    best = max(names, key=lambda name: float(np.nan_to_num(classes[name]["auc"][0])))
    notes.append(
        f"Beyond accuracy: {best} orders best, AUC {classes[best]['auc'][0]:.3f}; of the audited pairs its F1 is "
        f"{classes[best]['audited_f1'][0]:.3f}."
    )
    gap, low, high = paired_interval(classes["logistic"]["auc"], classes[without]["auc"])
    verdict = "add to" if low > 0 else "take from" if high < 0 else "add nothing that can be told from chance to"
    notes.append(f"Embeddings {verdict} the rest (logistic, AUC {gap:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}).")
    return notes


def _against_majority(name: str, accuracy: Floats, majority: Floats) -> str:
    gap, low, high = paired_interval(accuracy, majority)
    parts = f"accuracy {accuracy[0]:.4f}, of which {majority[0]:.4f} is the imbalance"
    verdict = (
        "more than chance"
        if low > 0
        else "less than saying the larger class"
        if high < 0
        else "not told apart from saying the larger class"
    )
    return f"{name}: {parts}; the rest is {gap:+.4f} (95 % interval {low:+.4f} to {high:+.4f}), {verdict}."
