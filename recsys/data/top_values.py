"""Top-k selection, the same on every machine: np.argpartition alone takes any of equal values."""

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]


def kth_largest(values: FloatArray, k: int) -> np.float32:
    """The `k`-th largest value, 0 where there are fewer."""
    return np.partition(values, len(values) - k)[len(values) - k] if len(values) >= k else np.float32(0)


def ascending_indices_of_largest(values: FloatArray, k: int) -> Index:
    """Indices of the `k` largest, ascending; of values equal to the k-th the first."""
    least = kth_largest(values, k)
    above, equal = (values > least).nonzero()[0], (values == least).nonzero()[0]
    return np.sort(np.concatenate([above, equal[: k - len(above)]]))


def largest_indices_per_row(values: FloatArray, k: int) -> Index:
    """Indices (n_rows, k) of the k ≤ n_columns largest of each row, ascending; of values equal to the k-th the first."""
    n_columns = values.shape[1]
    best = np.sort(np.argpartition(values, n_columns - k, axis=1)[:, n_columns - k :], axis=1)
    least = np.take_along_axis(values, best, axis=1).min(axis=1, keepdims=True)
    for row in np.flatnonzero((values >= least).sum(axis=1) > k):
        best[row] = ascending_indices_of_largest(values[row], k)
    return best
