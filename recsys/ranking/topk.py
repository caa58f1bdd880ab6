"""From score matrices to rankings: mask what is known, take the best."""

import numpy as np
import numpy.typing as npt

from recsys.data.histories import Histories
from recsys.data.top_values import largest_indices_per_row

Ranking = npt.NDArray[np.int64]
PAD = -1


def mask_seen(scores: npt.NDArray[np.float32], histories: Histories) -> npt.NDArray[np.float32]:
    """A copy of `scores` (n_rows, n_items) with -inf for every item of the row, liked or not."""
    masked = np.array(scores, dtype=np.float32)
    masked[histories.rows, histories.items] = -np.inf
    return masked


def top_k(scores: npt.NDArray[np.float32], k: int) -> Ranking:
    """Indices (n_rows, k) of the k largest finite scores per row, best first, equal ones by index; padded with -1."""
    n_rows, n_items = scores.shape
    depth = min(k, n_items)
    ranking = np.full((n_rows, k), PAD, np.int64)
    if depth == 0 or n_rows == 0:
        return ranking
    best = largest_indices_per_row(scores, depth)
    values = np.take_along_axis(scores, best, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    finite = np.isfinite(np.take_along_axis(values, order, axis=1))
    ranking[:, :depth] = np.where(finite, np.take_along_axis(best, order, axis=1), PAD)
    return ranking
