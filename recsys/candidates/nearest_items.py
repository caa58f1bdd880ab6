"""Item-item weights from two tables of vectors, without ever holding all pairs."""

from typing import Any

import numpy as np
from scipy import sparse

from recsys.candidates.item_item_base import Dense, top_entries_per_row
from recsys.threads import one_thread

_BLOCK = 1_000  # items compared with all others at a time


def nearest(sources: Dense | sparse.csr_matrix, targets: Dense | sparse.csr_matrix, k: int) -> sparse.csr_matrix:
    """weights[j, i] = sources[j] · targets[i], for the `k` items j ≠ i most positive for each i; shape (n_items, n_items).

    Both tables have a row per item. Limited per target: otherwise an item close to everything would crowd out the rest.
    """
    n_items = targets.shape[0]
    kept = [sparse.csr_matrix((0, n_items), dtype=np.float32)]
    with one_thread():
        for start in range(0, n_items, _BLOCK):
            block = _dense(targets[start : start + _BLOCK] @ sources.T)
            here = np.arange(len(block))
            block[here, start + here] = 0
            kept.append(top_entries_per_row(block, k))
    return sparse.csr_matrix(sparse.vstack(kept, format="csr").T, dtype=np.float32)


def _dense(product: Any) -> Dense:
    return np.asarray(product.toarray() if sparse.issparse(product) else product, np.float32)
