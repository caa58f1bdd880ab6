"""What each event of a history adds to the scores of several items, at the cost of about one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.base import Model
from recsys.candidates.item_item import ItemItemModel
from recsys.data.histories import Histories

Matrix = npt.NDArray[np.float32]


def contributions(model: Model, history: Histories, items: Sequence[int]) -> Matrix:
    """`model.contributions` of the single-row `history` for each of `items`, shape (len(items), events).

    Equal to asking item by item; item-item models are read once per event instead of once per event and item.
    """
    wanted = np.asarray(items, np.int64)
    if not len(wanted) or not len(history.items):
        return np.zeros((len(wanted), len(history.items)), np.float32)
    if not isinstance(model, ItemItemModel):
        return np.stack([model.contributions(history, int(item)) for item in wanted])
    interest = model.interest(history)
    return np.asarray((_rows(model.weights_, history.items, wanted) * interest[:, None]).T, np.float32)


def _rows(weights: npt.NDArray[np.float32] | sparse.csr_matrix, rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int64]) -> Matrix:
    """weights[rows][:, columns], dense. By hand for CSR: SciPy's indexing costs more than writing out a few rows."""
    if isinstance(weights, np.ndarray):
        return np.asarray(weights[rows[:, None], columns], np.float32)
    found = np.zeros((len(rows), len(columns)), np.float32)
    whole = np.zeros(weights.shape[1], np.float32)
    for place, row in enumerate(rows):
        part = slice(weights.indptr[row], weights.indptr[row + 1])
        whole[weights.indices[part]] = weights.data[part]
        found[place] = whole[columns]
        whole[weights.indices[part]] = 0
    return found
