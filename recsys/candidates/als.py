"""ALS: matrix factorization for implicit feedback by alternating least squares."""

from typing import Any, ClassVar

import numpy as np

from recsys.candidates.recency import Dense, FactorModel
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories, IntArray
from recsys.threads import one_thread
from recsys.types import ReasonKind

_CELLS = 4_000_000  # numbers a batch of learners of one length may fill


class AlsModel(FactorModel):
    """Item vectors Y from alternating least squares; a learner's vector is solved from the history when scoring.

    Hu, Koren & Volinsky, Collaborative filtering for implicit feedback datasets (ICDM 2008), fitted by the library `implicit`
    with conjugate gradients (Takács et al., RecSys 2011). A taken course has confidence `confidence`, all others 1, and the
    squared length of vectors is charged `penalty`.

    With A = YᵀY + penalty · I, U the vectors of the history's courses, interests r, C = confidence, the normal equations
    x = (A + Uᵀ diag((C - 1) r) U)⁻¹ Uᵀ C r are solved through the system of the history's own size,
    x = A⁻¹Uᵀ z, (I + diag((C - 1) r) U A⁻¹ Uᵀ) z = C r, which is smaller than A and gives each event's share z of the score.
    """

    name: ClassVar[str] = "als"
    reason: ClassVar[ReasonKind] = ReasonKind.TAKEN_TOGETHER
    learned: ClassVar[tuple[str, ...]] = ("items_", "solved_")
    solved_: Dense  # Y A⁻¹, (n_items, factors)

    def __init__(
        self,
        factors: int = 128,
        penalty: float = 20.0,
        confidence: float = 10.0,
        iterations: int = 15,
        power: float = 0.8,
        seed: int = 0,
    ) -> None:
        self.factors = factors
        self.penalty = penalty
        self.confidence = confidence
        self.iterations = iterations
        self.power = power
        self.seed = seed

    def learn(self, dataset: Dataset) -> None:
        """Alternating least squares; one thread, so that the same seed gives the same bytes."""
        # Late on purpose: only training needs the library.
        from implicit.cpu.als import AlternatingLeastSquares  # type: ignore[import-untyped]  # noqa: PLC0415

        matrix = dataset.histories.matrix()
        with one_thread():
            if matrix.nnz:
                solver = AlternatingLeastSquares(
                    factors=self.factors,
                    regularization=self.penalty,
                    alpha=self.confidence,
                    iterations=self.iterations,
                    num_threads=1,
                    random_state=self.seed,
                )
                solver.fit(matrix, show_progress=False)
                self.items_ = np.array(solver.item_factors, np.float32)
                self.items_[dataset.popularity == 0] = 0  # nothing is known of them but their random start
            else:
                self.items_ = np.zeros((dataset.n_items, self.factors), np.float32)
            exact = self.items_.astype(np.float64)
            normal = exact.T @ exact + self.penalty * np.eye(self.factors)
            self.solved_ = np.asarray(np.linalg.solve(normal, exact.T).T, np.float32)

    def event_vectors(self, histories: Histories) -> Dense:
        """z · A⁻¹ y of each event; see the class."""
        return np.asarray(self._learner_vector_coefficients(histories)[:, None] * self.solved_[histories.items], np.float32)

    def _learner_vector_coefficients(self, histories: Histories) -> Dense:
        interest = self.interest(histories)
        used = np.flatnonzero(interest)
        lengths = np.bincount(histories.rows[used], minlength=len(histories))
        first = np.cumsum(lengths) - lengths
        shares = np.zeros(len(interest), np.float32)
        for length in np.unique(lengths[lengths > 0]):
            rows = np.flatnonzero(lengths == length)
            step = max(1, _CELLS // (int(length) * (self.factors + int(length))))
            for start in range(0, len(rows), step):
                events = used[first[rows[start : start + step], None] + np.arange(length)]
                shares[events] = self._solve(histories.items[events], interest[events])
        return shares

    def _solve(self, items: IntArray, interest: Dense) -> Dense:
        """z for learners with equally many courses; both arguments (learners, courses)."""
        kernel = self.solved_[items] @ self.items_[items].transpose(0, 2, 1)
        system = np.float32(self.confidence - 1) * interest[:, :, None] * kernel
        here = np.arange(items.shape[1])
        system[:, here, here] += 1
        return np.asarray(np.linalg.solve(system, np.float32(self.confidence) * interest[:, :, None])[:, :, 0], np.float32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "factors": self.factors,
            "penalty": self.penalty,
            "confidence": self.confidence,
            "iterations": self.iterations,
            "power": self.power,
            "seed": self.seed,
        }
