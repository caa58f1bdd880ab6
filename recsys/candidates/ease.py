"""EASE: the linear autoencoder over items that is hard to beat on course data."""

import math
import time
from typing import Any, ClassVar, Self

import numpy as np

from recsys.candidates.base import Quality
from recsys.candidates.coordinate_search import tune_by_coordinate
from recsys.candidates.item_item_base import Dense, ItemItemModel, gram, ridge_inverse, sparse_if_large
from recsys.data.dataset import Dataset
from recsys.features.content_similarity import content_similarity
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
        return self.fit_from_gram(gram(dataset.histories.matrix()), content_similarity(dataset.items) if self.side else None)

    def fit_from_gram(self, normal: Dense, alike: Dense | None = None) -> Self:
        """Fit from XᵀX and S (n_items, n_items), which several parameters can share; they are left unchanged."""
        self.alike = alike
        inverse = ridge_inverse(normal if alike is None else normal + np.float32(self.side) * alike, self.penalty)
        inverse /= -np.diag(inverse)
        np.fill_diagonal(inverse, 0)
        self.weights_ = sparse_if_large(inverse)
        return self

    def tune(self, train: Dataset, quality: Quality, *, content: bool = True, until: float = math.inf) -> "EaseModel":
        """See Model: the best power, at that power the best penalty, and with `content` at both the best weight of side information.

        Where order means nothing, nothing fades.
        """
        normal = gram(train.histories.matrix())
        best = self.fit_from_gram(normal)
        if time.perf_counter() >= until:
            return best
        best.power = best.best_recency_power(quality) if train.ordered else 0.0
        alike = content_similarity(train.items) if content else None
        grid = {"penalty": PENALTIES, "side": SIDES} if alike is not None and alike.any() else {"penalty": PENALTIES}

        def made(params: dict[str, Any]) -> EaseModel:
            return EaseModel(**params).fit_from_gram(normal, alike if params["side"] else None)

        return tune_by_coordinate(best, grid, made, quality, until)

    def refit(self, dataset: Dataset, pairs: Dense | None = None) -> "EaseModel":
        """See Model: with the likeness it has."""
        return EaseModel(**self.params()).fit_from_gram(gram(dataset.histories.matrix()) if pairs is None else pairs, self.alike)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"penalty": self.penalty, "power": self.power, "side": self.side}
