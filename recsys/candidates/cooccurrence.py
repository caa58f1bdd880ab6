"""Co-occurrence counts: learners by pairs of items, kept with the model and updated in place.

XᵀX of binary histories is a sum over learners of xxᵀ, so a learner whose history has changed costs one outer product taken
away and one added, a new one costs one, and one who was erased is taken away whole. Entries are counts: float32 adds them
exactly up to 2²⁴ learners, and the result equals a fresh computation to the last bit.

Privacy. What is kept beside the counts is one checksum over all rows, no row and no learner: not even hashed ids, which
anybody who can list the ids could turn back. Old rows are read again from where the data come from, and the checksum tells
whether they are what the counts were made of. If not (somebody was erased, an event was taken back), counts are made anew.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.item_item_base import Dense, gram
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.state_store import load_state, save_state
from recsys.errors import ArtifactError, DataError, MisfitError
from recsys.faults import Fault

Hashes = npt.NDArray[np.uint64]
_EXACT = 1 << 24
_LANES = 2  # 128 bits: a mistaken match is out of the question


@dataclass(frozen=True, eq=False)
class CooccurrenceCounts:
    """Counts of learners by pairs of items, `matrix` (n_items, n_items) in the order of `item_ids`, symmetric.

    `digest` is an order-free checksum over the rows (sets of item ids) behind it; empty rows count nothing.
    """

    item_ids: tuple[str, ...]
    matrix: Dense
    digest: tuple[int, ...]
    n_rows: int

    @classmethod
    def of(cls, histories: Histories, item_ids: Sequence[str]) -> Self:
        """Count from the start. Raises DataError past 2²⁴ learners, where float32 stops counting exactly."""
        rows = _binary(histories, len(item_ids))
        return cls(tuple(item_ids), gram(rows), _digest(rows, item_ids), _count_nonempty_rows(rows))

    def with_changed_rows(self, changed_before: Histories, changed_after: Histories) -> Self:
        """Co-occurrence counts with the rows of some learners replaced; a new learner has no row before, one who was erased none after.

        Both speak of the items of this state. Raises DataError when a row before cannot have been counted.
        """
        before, after = (_binary(rows, len(self.item_ids)) for rows in (changed_before, changed_after))
        matrix = self.matrix.copy()
        _add_outer_products(matrix, before, -1)
        if len(matrix) and np.diagonal(matrix).min() < 0:
            raise DataError(Fault.COUNTS_NEVER_COUNTED)
        _add_outer_products(matrix, after, 1)
        digest = tuple(
            (total - gone + come) % (1 << 64)
            for total, gone, come in zip(self.digest, _digest(before, self.item_ids), _digest(after, self.item_ids), strict=True)
        )
        n_rows = self.n_rows - _count_nonempty_rows(before) + _count_nonempty_rows(after)
        _require_exact(n_rows)
        return replace(self, matrix=matrix, digest=digest, n_rows=n_rows)

    def with_items(self, item_ids: Sequence[str]) -> Self:
        """The same counts in another order of items; new ones have been taken by nobody.

        Raises DataError when an item is left out that somebody took.
        """
        if tuple(item_ids) == self.item_ids:
            return self
        position = {item_id: index for index, item_id in enumerate(self.item_ids)}
        known = [(new, position.pop(item_id)) for new, item_id in enumerate(item_ids) if item_id in position]
        if lost := [item_id for item_id, index in position.items() if self.matrix[index, index]]:
            raise DataError(Fault.COUNTS_WITHOUT_ITEMS, items=sorted(lost)[:5])
        matrix = np.zeros((len(item_ids), len(item_ids)), np.float32)
        if known:
            new, old = (np.array(side) for side in zip(*known, strict=True))
            matrix[np.ix_(new, new)] = self.matrix[np.ix_(old, old)]
        return replace(self, item_ids=tuple(item_ids), matrix=matrix)

    def matches(self, histories: Histories) -> bool:
        """Whether these counts are those of `histories` (items in the order of this state): same rows, same checksum."""
        rows = _binary(histories, len(self.item_ids))
        return self.n_rows == _count_nonempty_rows(rows) and self.digest == _digest(rows, self.item_ids)

    def save(self, directory: Path) -> None:
        """Write the upper half, sparse."""
        upper = sparse.triu(sparse.csr_matrix(self.matrix), format="csr").astype(np.int32)
        values = {"item_ids": self.item_ids, "digest": [str(part) for part in self.digest], "n_rows": self.n_rows}
        save_state(directory, {"upper": upper}, values)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what `save` wrote. Raises ArtifactError when it is missing or damaged."""
        arrays, stored = load_state(directory)
        try:
            upper = np.asarray(arrays["upper"].toarray(), np.float32)
            item_ids = tuple(map(str, stored["item_ids"]))
            digest, n_rows = tuple(int(part) for part in stored["digest"]), int(stored["n_rows"])
            if upper.shape != (len(item_ids), len(item_ids)) or len(digest) != _LANES:
                raise MisfitError(Fault.SHAPES_DIFFER)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ArtifactError(Fault.PAIR_COUNTS_UNREADABLE, part=directory.name, error=error) from error
        return cls(item_ids, upper + np.triu(upper, 1).T, digest, n_rows)


def carry_forward(state: CooccurrenceCounts, dataset: Dataset, since: float, most: float = 0.2) -> CooccurrenceCounts | None:
    """`state`, which was counted when the newest event was at `since`, brought to `dataset`; None when it cannot be or when
    more than the share `most` of learners has changed.

    Learners with newer events are replaced: their older events are what was counted of them. Only a result whose checksum is
    that of the dataset is returned.
    """
    events = dataset.histories
    if events.timestamps is None:
        return None
    newer = events.timestamps > since
    changed = np.unique(events.rows[newer])
    if len(changed) > most * max(dataset.n_users, 1):
        return None
    try:
        moved = state.with_items([item.item_id for item in dataset.items])
        before = events.keep(~newer).select(changed)
        carried = moved.with_changed_rows(before, events.select(changed))
    except DataError:
        return None
    return carried if carried.matches(events) else None


def _binary(histories: Histories, n_items: int) -> sparse.csr_matrix:
    if histories.n_items != n_items:
        raise DataError(Fault.COUNTS_OF_OTHER_ITEMS, items=histories.n_items, counted=n_items)
    rows = histories.matrix()
    _require_exact(rows.shape[0])
    return rows


def _require_exact(n_rows: int) -> None:
    if n_rows > _EXACT:
        raise DataError(Fault.COUNTS_TOO_MANY, most=f"{_EXACT:,}")


def _count_nonempty_rows(rows: sparse.csr_matrix) -> int:
    return int(np.count_nonzero(np.diff(rows.indptr)))


def _add_outer_products(matrix: Dense, rows: sparse.csr_matrix, sign: int) -> None:
    """Add the outer products of rows in place; few rows touch few entries."""
    rows = rows[np.flatnonzero(np.diff(rows.indptr))]
    if rows.shape[0]:
        products = (rows.T @ rows).tocoo()
        matrix[products.row, products.col] += np.float32(sign) * products.data


def _digest(rows: sparse.csr_matrix, item_ids: Sequence[str]) -> tuple[int, ...]:
    """Per lane the sum over rows of a hash of the row, modulo 2⁶⁴: any order of rows and of items inside gives the same."""
    filled = rows[np.flatnonzero(np.diff(rows.indptr))]
    if not filled.shape[0]:
        return (0,) * _LANES
    names = np.array([_item_hash(item_id) for item_id in item_ids], np.uint64).reshape(-1, _LANES)
    # Items are summed first, then mixed: without the mixing, two rows could swap items unnoticed.
    sums = (np.add.reduceat(names[filled.indices, lane], filled.indptr[:-1]) for lane in range(_LANES))
    return tuple(int(np.add.reduce(_splitmix64(row_sums))) for row_sums in sums)


def _item_hash(item_id: str) -> tuple[int, ...]:
    digest = hashlib.sha256(item_id.encode("utf-8")).digest()
    return tuple(int.from_bytes(digest[8 * lane : 8 * lane + 8], "little") for lane in range(_LANES))


def _splitmix64(values: Hashes) -> Hashes:
    """The finalizer of SplitMix64 (Steele, Lea & Flood, 2014); wraps around by intent."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
