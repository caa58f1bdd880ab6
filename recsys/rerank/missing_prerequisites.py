"""Prerequisites of a catalog, and what of them learners lack."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.data.histories import Histories
from recsys.types import Item


@dataclass(frozen=True)
class Prerequisites:
    """Which items need what: `needs` is n_items × names, binary; a name is an item id or a skill. `gives` (n_items × names) marks
    the item that a name is the id of."""

    needs: sparse.csr_matrix
    gives: sparse.csr_matrix
    counts: npt.NDArray[np.float32]
    names: Mapping[str, int]

    @classmethod
    def of(cls, items: Sequence[Item]) -> "Prerequisites":
        """Index the prerequisites of a catalog; an item never waits for itself."""
        wanted = [sorted(set(i.prerequisites) - {i.item_id}) for i in items]
        names = {name: column for column, name in enumerate(sorted({n for row in wanted for n in row}))}
        indptr = np.concatenate([[0], np.cumsum([len(row) for row in wanted])]).astype(np.int64)
        columns = np.array([names[n] for row in wanted for n in row], np.int64)
        needs = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, indptr), shape=(len(items), len(names)))
        named = np.array([(row, names[i.item_id]) for row, i in enumerate(items) if i.item_id in names], np.int64).reshape(-1, 2)
        gives = sparse.csr_matrix((np.ones(len(named), np.float32), tuple(named.T)), shape=needs.shape)
        return cls(needs, gives, np.diff(indptr).astype(np.float32), names)

    def missing(self, met: Iterable[str]) -> npt.NDArray[np.float32]:
        """How many prerequisites each item still lacks, shape (n_items,)."""
        held = np.zeros(len(self.names), np.float32)
        held[[self.names[m] for m in met if m in self.names]] = 1
        return np.asarray(self.counts - self.needs @ held, dtype=np.float32)

    def missing_per_learner(self, histories: Histories) -> npt.NDArray[np.float32] | None:
        """`missing` of a batch of learners by the items they took, shape (n_rows, n_items); None where nothing needs anything."""
        if not self.needs.nnz:
            return None
        taken = (histories.matrix() > 0).astype(np.float32)
        met = taken @ self.gives
        return np.asarray(self.counts - (met @ self.needs.T).toarray(), dtype=np.float32)
