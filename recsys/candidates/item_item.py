"""What models share that score by one sparse history times one item-item matrix."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.base import Model
from recsys.data.histories import FloatArray, Histories

Weights = npt.NDArray[np.float32] | sparse.csr_matrix


class ItemItemModel(Model):
    """score(history)[i] = Σ over events of interest(event) · weights_[item of event, i].

    The sum is also the explanation: its terms are the contributions, exactly.
    """

    learned: ClassVar[tuple[str, ...]] = ("weights_",)
    weights_: Weights

    @abstractmethod
    def interest(self, histories: Histories) -> FloatArray:
        """What each event counts when scoring, one value per event, at most one nonzero per item of a row."""

    def score(self, histories: Histories) -> npt.NDArray[np.float32]:
        self.require_fitted()
        product = histories.spread(self.interest(histories)) @ self.weights_
        dense = product.toarray() if sparse.issparse(product) else product
        return np.asarray(dense, np.float32)

    def contributions(self, history: Histories, item: int) -> npt.NDArray[np.float32]:
        self.require_fitted()
        column = self.weights_[history.items, [item] * len(history.items)] if len(history.items) else np.empty(0)
        return (self.interest(history) * np.asarray(column, np.float32).ravel()).astype(np.float32)


def strongest(matrix: sparse.csr_matrix, k: int) -> sparse.csr_matrix:
    """The `k` largest entries of each row; of equal ones those with the smaller column. Zeros are dropped."""
    matrix = sparse.csr_matrix(matrix)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    lengths = np.diff(matrix.indptr)
    rows = np.repeat(np.arange(matrix.shape[0]), lengths)
    order = np.lexsort((matrix.indices, -matrix.data, rows))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(matrix.indptr[:-1], lengths)
    kept = rank < k
    parts = (matrix.data[kept].astype(np.float32), (rows[kept], matrix.indices[kept]))
    result = sparse.csr_matrix(parts, shape=matrix.shape, dtype=np.float32)
    result.sort_indices()
    return result


def gram(matrix: sparse.csr_matrix, chunk: int = 20_000) -> npt.NDArray[np.float32]:
    """XᵀX as a dense matrix, summed over blocks of rows so that the sparse product stays small in memory."""
    return cross(matrix, matrix, chunk)


def cross(left: sparse.csr_matrix, right: sparse.csr_matrix, chunk: int = 20_000) -> npt.NDArray[np.float32]:
    """LᵀR of two sparse matrices with equal rows, dense; see `gram`."""
    total = np.zeros((left.shape[1], right.shape[1]), np.float32)
    for start in range(0, left.shape[0], chunk):
        block = (left[start : start + chunk].T @ right[start : start + chunk]).tocoo()
        total[block.row, block.col] += block.data
    return total


def ridge_inverse(normal: npt.NDArray[np.float32], penalty: float) -> npt.NDArray[np.float32]:
    """(normal + penalty · I)⁻¹ of a symmetric positive semidefinite matrix, by Cholesky: half the work of a general inverse."""
    from scipy.linalg import lapack  # late: half a second that scoring never needs

    system = normal.astype(np.float64 if len(normal) <= _EXACT else np.float32, copy=True)
    system[np.diag_indices_from(system)] += penalty
    factor, inverse = (lapack.dpotrf, lapack.dpotri) if system.dtype == np.float64 else (lapack.spotrf, lapack.spotri)
    triangle, failed = factor(system, lower=True, overwrite_a=True)
    if failed:
        raise np.linalg.LinAlgError(f"The item matrix is not positive definite at a penalty of {penalty}")
    half, _ = inverse(triangle, lower=True, overwrite_c=True)
    half = np.tril(half)
    return (half + np.tril(half, -1).T).astype(np.float32)


_EXACT = 6_000  # items up to which double precision is affordable (two matrices of 288 MB)
