"""Conclusions of a rating measurement, as codes with the figures they rest on."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np

from recsys.ratings.metrics import LEVEL
from recsys.ratings.rating_table import Floats, Mask
from recsys.types import Statement

Figures = Mapping[str, Mapping[str, Floats]]


class RatingNote(StrEnum):
    """What a measurement amounts to. Differences have a mean `gap` and its 95 % interval, `low` to `high`."""

    ERROR = "error"  # RMSE of `predictor` against `baseline`, a Baseline
    IMBALANCE = "imbalance"  # `larger` is `share` of `pairs`; saying so always has `accuracy`, `f1` and `auc`
    ACCURACY = "accuracy"  # of `predictor`; `majority` of it is the imbalance, the gap is the rest
    ORDER = "order"  # `predictor` orders best, by its `auc` and its F1 among the audited
    EMBEDDINGS = "embeddings"  # what they add to AUC


class Baseline(StrEnum):
    """What a regression is held against."""

    CONSTANT = "constant"  # one number for all
    MEANS = "means"  # of learner and item


def paired_interval(first: Floats, second: Floats) -> tuple[float, float, float]:
    """first - second on the data as they are, and the bounds of its 95 % interval over the same resamples (paired)."""
    gap = first - second
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(gap[1:], [tail, 1 - tail])
    return float(gap[0]), float(low), float(high)


def rating_notes(ratings: Figures, constant: str, means: str, names: Sequence[str]) -> list[Statement]:
    """Does a regression beat answering with one number, and answering with the means of learner and item?"""
    best = min(names, key=lambda name: float(ratings[name]["rmse"][0]))
    return [
        Statement(RatingNote.ERROR, {"predictor": best, "baseline": baseline.value, **_gap(ratings[best]["rmse"], ratings[name]["rmse"])})
        for name, baseline in ((constant, Baseline.CONSTANT), (means, Baseline.MEANS))
    ]


def class_notes(classes: Figures, completed: Mask, majority: str, without: str, names: Sequence[str]) -> list[Statement]:
    """Where an accuracy is the imbalance of the classes, who beats it, what a model still knows, and what embeddings add."""
    share = float(completed.mean())
    larger, size = ("completed", share) if share >= 0.5 else ("audited", 1 - share)
    alone = classes[majority]
    best = max(names, key=lambda name: float(np.nan_to_num(classes[name]["auc"][0])))
    said = {name: float(alone[name][0]) for name in ("accuracy", "f1", "auc")}
    return [
        Statement(RatingNote.IMBALANCE, {"larger": larger, "share": size, "pairs": len(completed), **said}),
        *(_against_majority(name, classes[name]["accuracy"], alone["accuracy"]) for name in names),
        Statement(
            RatingNote.ORDER,
            {"predictor": best, "auc": float(classes[best]["auc"][0]), "audited_f1": float(classes[best]["audited_f1"][0])},
        ),
        Statement(RatingNote.EMBEDDINGS, _gap(classes["logistic"]["auc"], classes[without]["auc"])),
    ]


def _against_majority(name: str, accuracy: Floats, majority: Floats) -> Statement:
    figures = {"predictor": name, "accuracy": float(accuracy[0]), "majority": float(majority[0])}
    return Statement(RatingNote.ACCURACY, figures | _gap(accuracy, majority))


def _gap(first: Floats, second: Floats) -> dict[str, float]:
    gap, low, high = paired_interval(first, second)
    return {"gap": gap, "low": low, "high": high}
