"""NMF: non-negative matrix factorization."""

from typing import Any, ClassVar

import numpy as np

from recsys.candidates.recency import Dense, FactorModel
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.threads import one_thread
from recsys.types import ReasonKind

_TINY = np.float32(1e-9)


class NmfModel(FactorModel):
    """X ≈ W H, all entries ≥ 0; a learner's row of W is found from the history when scoring, H being fixed.

    Lee & Seung, Learning the parts of objects by non-negative matrix factorization (Nature 1999); H is fitted by scikit-learn's
    online algorithm (Lefèvre, Bach & Févotte, 2011). Folding in takes `steps` multiplicative steps
    w ← w · (x Hᵀ) / (w H Hᵀ). The last of them is a sum over the history's events, all parts ≥ 0: so is the score.
    """

    name: ClassVar[str] = "nmf"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER

    def __init__(self, factors: int = 64, epochs: int = 20, steps: int = 20, power: float = 0.8, seed: int = 0) -> None:
        self.factors = factors
        self.epochs = epochs
        self.steps = steps
        self.power = power
        self.seed = seed

    def learn(self, dataset: Dataset) -> None:
        """Factorize the learners who took something."""
        matrix = dataset.histories.matrix()
        matrix = matrix[np.diff(matrix.indptr) > 0]
        self.items_ = np.zeros((dataset.n_items, self.factors), np.float32)
        if not matrix.nnz:
            return
        # Late on purpose: scikit-learn costs a second that a process serving stored factors need not spend.
        from sklearn.decomposition import MiniBatchNMF  # noqa: PLC0415

        solver = MiniBatchNMF(
            n_components=self.factors,
            init="random",
            batch_size=4096,
            max_iter=self.epochs,
            tol=0,
            max_no_improvement=None,
            forget_factor=0.9,
            random_state=self.seed,
        )
        with one_thread():
            solver.fit(matrix)
        self.items_ = np.ascontiguousarray(solver.components_.T, np.float32)

    def event_vectors(self, histories: Histories) -> Dense:
        """Each event's share of the last step; see the class."""
        interest = self.interest(histories)
        evidence = np.asarray(histories.scatter(interest) @ self.items_, np.float32)
        normal = self.items_.T @ self.items_
        scale = np.maximum(normal.sum(axis=1), _TINY)
        weights = evidence / scale
        before = weights
        for _ in range(self.steps):
            before = weights
            weights = before * evidence / (before @ normal + _TINY)
        last = before / (before @ normal + _TINY)
        return np.asarray(last[histories.rows] * interest[:, None] * self.items_[histories.items], np.float32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"factors": self.factors, "epochs": self.epochs, "steps": self.steps, "power": self.power, "seed": self.seed}
