"""Truncated SVD of sparse tables."""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.threads import one_thread

Dense = npt.NDArray[np.float32]
_SMALL = 200  # a side up to which the whole decomposition costs nothing worth saving


def right_singular_vectors(matrix: sparse.csr_matrix, rank: int, seed: int = 0) -> Dense:
    """The right singular vectors of the `rank` largest singular values, rows (at most rank, columns), largest first.

    The truncated SVD behind LSA (Deerwester et al., Indexing by latent semantic analysis, JASIS 1990): `matrix @ factors.T`
    places rows, new ones too, in the latent space. Directions without any weight are left out; signs are fixed so that the
    largest entry of each factor is positive.
    """
    if not min(matrix.shape) or not matrix.nnz:
        return np.zeros((0, matrix.shape[1]), np.float32)
    from scipy.sparse.linalg import svds  # noqa: PLC0415  # late: only a training decomposes, and every server would hold it

    with one_thread():
        if min(matrix.shape) <= max(_SMALL, rank + 1):
            _, sizes, factors = np.linalg.svd(matrix.toarray().astype(np.float64), full_matrices=False)
        else:
            start = np.random.default_rng(seed).random(min(matrix.shape))
            _, sizes, factors = svds(matrix.astype(np.float64), k=rank, v0=start)
    order = np.argsort(-sizes, kind="stable")[:rank]
    order = order[sizes[order] > 1e-6 * sizes.max()]
    factors = factors[order]
    largest = np.abs(factors).argmax(axis=1)
    return np.asarray(factors * np.sign(factors[np.arange(len(factors)), largest])[:, None], np.float32)


def unit_length(rows: Dense) -> Dense:
    """Dense rows scaled to length 1; rows of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, length, out=np.zeros_like(rows), where=length > 0), np.float32)
