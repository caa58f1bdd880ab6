"""EASE: the linear autoencoder over items that is hard to beat on course data."""

import math
import time
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from recsys.candidates.base import Quality
from recsys.candidates.item_item import Dense, ItemItemModel, compact, gram, ridge_inverse
from recsys.data.dataset import Dataset
from recsys.features.likeness import likeness
from recsys.types import ReasonKind

PENALTIES = (20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
SIDES = (3.0, 10.0, 30.0, 100.0)


class EaseModel(ItemItemModel):
    """B = I - P · diag(P)⁻¹ with P = (XᵀX + αS + λI)⁻¹, zero diagonal.

    Steck, Embarrassingly shallow autoencoders for sparse data (WWW 2019), with side information as in Jeunen, Van Balen &
    Goethals, Closed-form models for collaborative filtering with side-information (RecSys 2020, CEASE): S tells how alike items
    are by what is written about them (`likeness`), as if αS more learners had taken both, so that hardly taken items find their
    place. `penalty` is λ, `side` is α; 0 reads nothing but histories.

    Trained on plain histories, it scores histories that fade with age (`power`): the newest courses say most about the next one.
    """

    name: ClassVar[str] = "ease"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER
    alike: Dense | None = None
    """S where it was used; not stored."""

    def __init__(self, penalty: float = 100.0, power: float = 0.8, side: float = 0.0) -> None:
        self.penalty = penalty
        self.power = power
        self.side = side

    def fit(self, dataset: Dataset) -> Self:
        """Solve for B in closed form."""
        return self.solve(gram(dataset.histories.matrix()), likeness(dataset.items) if self.side else None)

    def solve(self, normal: Dense, alike: Dense | None = None) -> Self:
        """Fit from XᵀX and S (n_items, n_items), which several parameters can share; they are left unchanged."""
        self.alike = alike
        inverse = ridge_inverse(normal if alike is None else normal + np.float32(self.side) * alike, self.penalty)
        inverse /= -np.diag(inverse)
        np.fill_diagonal(inverse, 0)
        self.weights_ = compact(inverse)
        return self

    def tune(self, train: Dataset, quality: Quality, *, content: bool = True, until: float = math.inf) -> "EaseModel":
        """See Model: the best power, at that power the best penalty, and with `content` at both the best weight of side information.

        Quality has one maximum in λ, so the search walks from the default downhill and uphill until it falls: few solves.
        """
        normal = gram(train.histories.matrix())
        best = self.solve(normal)
        if time.perf_counter() >= until:
            return best
        best.power = best.best_power(quality)
        score = quality(best)
        below = [EaseModel(p, best.power) for p in reversed(PENALTIES) if p < best.penalty]
        above = [EaseModel(p, best.power) for p in PENALTIES if p > best.penalty]
        for direction in (below, above):
            walked, score = _uphill(best, score, direction, normal, None, quality, until)
            if walked is not best:
                best = walked
                break  # better on this side of the default, so not on the other
        if content and (alike := likeness(train.items)).any():
            sided = [EaseModel(best.penalty, best.power, side) for side in SIDES]
            best, _ = _uphill(best, score, sided, normal, alike, quality, until)
        return best

    def again(self, dataset: Dataset, pairs: Dense | None = None) -> "EaseModel":
        """See Model: with the likeness it has."""
        return EaseModel(**self.params()).solve(gram(dataset.histories.matrix()) if pairs is None else pairs, self.alike)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"penalty": self.penalty, "power": self.power, "side": self.side}


def _uphill(
    best: EaseModel, score: float, steps: Sequence[EaseModel], normal: Dense, alike: Dense | None, quality: Quality, until: float
) -> tuple[EaseModel, float]:
    """The last of `steps` that ranks better than the one before it, and its score; `best` when the first does not."""
    for model in steps:
        if time.perf_counter() >= until:
            break
        reached = quality(model.solve(normal, alike))
        if reached <= score:
            break
        best, score = model, reached
    return best, score
