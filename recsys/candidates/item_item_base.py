"""Item-item models: base class and matrix helpers; a score is a sparse history times an item-item matrix."""

import copy
import math
import time
from collections.abc import Sequence
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import lapack

from recsys import kernels
from recsys.candidates.base import Model, Quality
from recsys.data.dataset import Dataset
from recsys.data.histories import FloatArray, Histories
from recsys.data.top_values import largest_indices_per_row
from recsys.errors import MisfitError
from recsys.faults import Fault
from recsys.threads import one_thread

Dense: TypeAlias = npt.NDArray[np.float32]
POWERS = (0.0, 0.4, 0.8, 1.2, 1.6)
_LARGE = 6_000  # items from which dense weights cost more memory and time than their small entries are worth
_FILLED = 0.05
_SMALL = 1_500  # items up to which double precision costs nothing worth saving


class ItemItemModel(Model):
    """score(history)[i] = Σ over events of interest(event) · weights_[row of event, i], interest = (1 + age)^(-power).

    The sum is also the explanation: its terms are the contributions, exactly. Age counts courses back from the newest, and
    a power law weighs a history better than half-lives do: MOOCCubeX, NDCG@10 of EASE .203 against .199.
    """

    learned: ClassVar[tuple[str, ...]] = ("weights_",)
    weights_: Dense | sparse.csr_matrix
    power: float

    @property
    def is_all_zero(self) -> bool:
        """Whether all weights are 0."""
        return not isinstance(self.weights_, np.ndarray) and not self.weights_.nnz

    def tune(self, train: Dataset, quality: Quality, *, content: bool = True, until: float = math.inf) -> Model:
        """See Model: the power is chosen, which needs no new fit. Where order means nothing, nothing fades."""
        self.fit(train)
        if not train.ordered:
            self.power = 0.0
        elif time.perf_counter() < until:
            self.power = self.best_recency_power(quality)
        return self

    def best_recency_power(self, quality: Quality) -> float:
        """The power that ranks best; of equal ones the first."""
        return POWERS[int(np.argmax([quality(self.with_recency_power(power)) for power in POWERS]))]

    def interest(self, histories: Histories) -> FloatArray:
        """What each event counts when scoring, one value per event, at most one nonzero per item of a row."""
        return histories.interest(self.power)

    def weight_row_indices(self, histories: Histories) -> npt.NDArray[np.int32]:
        """The row of `weights_` that each event reads: its item's, unless a model keeps several kinds of rows."""
        return histories.items

    def score(self, histories: Histories) -> Dense:
        """One sparse × matrix product; see the class."""
        self.require_fitted()
        if len(histories) == 1:
            return self._score_one(*self._row_indices_and_interest(histories))[None, :]
        interest = self.interest(histories)
        product = histories.scatter(interest, self.weight_row_indices(histories), self.weights_.shape[0]) @ self.weights_
        return np.asarray(product.toarray() if sparse.issparse(product) else product, np.float32)

    def _row_indices_and_interest(self, history: Histories) -> tuple[npt.NDArray[np.int32], FloatArray]:
        """`weight_row_indices` and `interest` of a single-row history; an explanation asks for those of the score it explains."""
        if self not in history.cache_by_model:
            rows, columns = self.weights_.shape
            if columns != history.n_items or rows < columns or rows % max(columns, 1):  # compiled code reads without looking where
                raise MisfitError(Fault.ITEM_WEIGHTS_MISFIT, model=self.name, rows=rows, columns=columns, items=history.n_items)
            history.cache_by_model[self] = self.weight_row_indices(history), self.interest(history)
        read: tuple[npt.NDArray[np.int32], FloatArray] = history.cache_by_model[self]
        return read

    def _score_one(self, places: npt.NDArray[np.int32], interest: FloatArray) -> Dense:
        # One learner is a page's question: adding a few rows saves building matrices around them.
        weights = self.weights_
        total = np.zeros(weights.shape[1], np.float32)
        if isinstance(weights, np.ndarray):
            kernels.add_dense_rows(total, weights, places, interest)
        else:
            kernels.add_rows(total, weights.indptr, weights.indices, weights.data, places, interest)
        return total

    def contributions(self, history: Histories, item: int) -> FloatArray:
        """The terms of the score, one per event; they sum to it."""
        self.require_fitted()
        if not len(history.items):
            return np.empty(0, np.float32)
        column = self.weights_[self.weight_row_indices(history), np.full(len(history.items), item)]
        return np.asarray(self.interest(history) * np.asarray(column, np.float32).ravel(), np.float32)

    def contributions_to(self, history: Histories, items: Sequence[int]) -> Dense:
        """See Model: every row of weights is read once for all items."""
        self.require_fitted()
        (places, interest), weights = self._row_indices_and_interest(history), self.weights_
        if isinstance(weights, np.ndarray):
            return np.asarray(weights[places, np.asarray(items, np.int64)[:, None]] * interest, np.float32)
        contributions = np.zeros((len(items), len(places)), np.float32)
        row_of = np.full(weights.shape[1], -1, np.int32)
        row_of[items] = np.arange(len(items))
        kernels.gather_cells(contributions, weights.indptr, weights.indices, weights.data, places, interest, row_of)
        return contributions

    def scores_of_item_from_each_other(self, item: int) -> Dense:
        """What a history of each item alone gives to `item`, (n_items,)."""
        self.require_fitted()
        weights, n_items = self.weights_, self.weights_.shape[1]  # weights of a newest event stand first
        if isinstance(weights, np.ndarray):
            return weights[:n_items, item]
        column = np.zeros(n_items, np.float32)
        kernels.add_column(column, weights.indptr, weights.indices, weights.data, item)
        return column

    def with_recency_power(self, power: float) -> Self:
        """The same learned weights on histories that fade with another power; arrays are shared, not copied."""
        other = copy.copy(self)
        other.power = power
        return other


def sparse_if_large(weights: Dense, keep: int = 500, large: int = _LARGE) -> Dense | sparse.csr_matrix:
    """The weights as they are for a catalog of up to `large` items; past it the `keep` largest of each row, by size, as sparse
    rows."""
    if weights.shape[1] <= large:
        return weights
    rows = []
    for start in range(0, len(weights), 512):
        block = weights[start : start + 512]
        top = largest_indices_per_row(np.abs(block), keep)
        whole = np.zeros_like(block)
        np.put_along_axis(whole, top, np.take_along_axis(block, top, axis=1), axis=1)
        rows.append(sparse.csr_matrix(whole))
    return sparse.csr_matrix(sparse.vstack(rows))


def dense_if_small(weights: sparse.csr_matrix, large: int = _LARGE) -> Dense | sparse.csr_matrix:
    """Sparse weights as a dense matrix where a twentieth of them is not 0 and the catalog is not large: a learner is scored by
    whole rows, which are read several times as fast."""
    n_rows, n_items = weights.shape
    return weights.toarray() if n_items <= large and weights.nnz > n_rows * n_items * _FILLED else weights


def top_entries_per_row(matrix: Dense | sparse.csr_matrix, k: int) -> sparse.csr_matrix:
    """The `k` largest positive entries of each row, as a sparse matrix; of entries equal to the k-th the first."""
    n_rows, n_columns = matrix.shape
    rows, columns, values = [], [], []
    for start in range(0, n_rows, 512):
        part = matrix[start : start + 512]
        block = part if isinstance(part, np.ndarray) else part.toarray()
        top = largest_indices_per_row(block, min(k, n_columns))
        largest = np.take_along_axis(block, top, axis=1)
        row, place = np.nonzero(largest > 0)
        rows.append(row + start)
        columns.append(top[row, place])
        values.append(largest[row, place].astype(np.float32))
    cells = (np.concatenate(rows), np.concatenate(columns)) if rows else ([], [])
    result = sparse.csr_matrix((np.concatenate(values) if values else [], cells), shape=matrix.shape, dtype=np.float32)
    result.sort_indices()
    return result


def gram(matrix: sparse.csr_matrix, chunk: int = 20_000) -> Dense:
    """XᵀX as a dense matrix, summed over blocks of rows so that the sparse product stays small in memory."""
    return cross_product(matrix, matrix, chunk)


def cross_product(left: sparse.csr_matrix, right: sparse.csr_matrix, chunk: int = 20_000) -> Dense:
    """LᵀR of two sparse matrices with equal rows, dense; see `gram`."""
    total = np.zeros((left.shape[1], right.shape[1]), np.float32)
    for start in range(0, left.shape[0], chunk):
        block = (left[start : start + chunk].T @ right[start : start + chunk]).tocoo()
        total[block.row, block.col] += block.data
    return total


def ridge_solve(normal: Dense, right: Dense, penalty: float) -> Dense:
    """(normal + penalty · I)⁻¹ · right for a symmetric positive semidefinite matrix, by Cholesky; precision as `ridge_inverse`."""
    kind = np.float64 if len(normal) < _SMALL else np.float32
    system: npt.NDArray[Any] = np.array(normal, kind)
    wanted = np.array(right, kind, order="F")
    system[np.diag_indices(len(system))] += penalty
    if not len(system):
        return np.asarray(wanted, np.float32)
    with one_thread():
        _, solution, failed = (lapack.dposv if kind is np.float64 else lapack.sposv)(system, wanted, lower=True, overwrite_b=True)
    if failed:
        raise np.linalg.LinAlgError(f"The item matrix is not positive definite at a penalty of {penalty}")
    return np.ascontiguousarray(solution, np.float32)


def ridge_inverse(normal: Dense, penalty: float) -> Dense:
    """(normal + penalty · I)⁻¹ of a symmetric positive semidefinite matrix, by Cholesky: half the work of a general inverse.

    Single precision beyond small catalogs: with penalties of 20 and up it ranks the same in half the time and memory.
    """
    system: npt.NDArray[Any] = np.array(normal, np.float64 if len(normal) < _SMALL else np.float32)
    system[np.diag_indices(len(system))] += penalty
    exact = system.dtype == np.float64
    with one_thread():
        triangle, failed = (lapack.dpotrf if exact else lapack.spotrf)(system, lower=True, overwrite_a=True)
        if failed:
            raise np.linalg.LinAlgError(f"The item matrix is not positive definite at a penalty of {penalty}")
        half, _ = (lapack.dpotri if exact else lapack.spotri)(triangle, lower=True, overwrite_c=True)
    half = np.tril(half)
    return np.asarray(half + np.tril(half, -1).T, np.float32)
