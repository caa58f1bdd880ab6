"""The training data: who did what in which order, and what the items are. Immutable."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recsys.data.histories import Histories
from recsys.errors import DataError
from recsys.faults import Fault
from recsys.types import Item

if TYPE_CHECKING:
    import pandas as pd

_SORTED_SHARE = 0.98  # of neighboring events; real sequences stay far from it


@dataclass(frozen=True)
class Dataset:
    """Learners, items and one history per learner, ordered by time (by file order where no time is known).

    Row u of `histories` belongs to `user_ids[u]`; its item indices are positions in `items`. `ordered` says whether the
    order of a row means anything: false when neither times nor the data themselves show one (see `shows_order`).
    """

    user_ids: tuple[str, ...]
    items: tuple[Item, ...]
    histories: Histories
    ordered: bool = True

    @classmethod
    def from_frames(cls, interactions: "pd.DataFrame", items: "pd.DataFrame | Sequence[Item] | None" = None) -> "Dataset":
        """Build from `user_id, item_id[, timestamp][, weight]` and items (`item_id, title, …`) or Item values.

        Items of the catalog come first, in their order; those that only occur in interactions follow. Rows repeated word
        by word count once. Raises DataError when a required column is missing or a row cannot be used.
        """
        # Loaded late: it brings pandas, and whoever serves a stored model reads no frames.
        from recsys.data.items import as_checked_items  # noqa: PLC0415
        from recsys.data.validation import check_interactions  # noqa: PLC0415

        checked = check_interactions(interactions)
        return cls.from_clean(checked.without_repeats().require_clean(), as_checked_items(items).items)

    @classmethod
    def from_clean(cls, frame: "pd.DataFrame", catalog: Sequence[Item] = ()) -> "Dataset":
        """Build from a frame that `check_interactions` passed."""
        from recsys.data.histories_from_frame import events_of_frame  # noqa: PLC0415  # late for the same reason

        known = {item.item_id: index for index, item in enumerate(catalog)}
        if len(known) != len(catalog):
            raise DataError(Fault.ITEM_REPEATED)
        users, seen, histories = events_of_frame(frame, known)
        everything = (*catalog, *map(Item, seen))
        ordered = histories.timestamps is not None or shows_order(histories, [item.item_id for item in everything])
        return cls(users, everything, histories, ordered)

    @property
    def n_users(self) -> int:
        """How many learners there are, some perhaps with an empty history."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """How many items there are, some perhaps without any interaction."""
        return len(self.items)

    @cached_property
    def position_by_item_id(self) -> Mapping[str, int]:
        """Index of every item by id."""
        return {item.item_id: index for index, item in enumerate(self.items)}

    @cached_property
    def position_by_user_id(self) -> Mapping[str, int]:
        """Row of every learner by id."""
        return {user: row for row, user in enumerate(self.user_ids)}

    def item_index(self, item_id: str) -> int:
        """Index of an item. Raises KeyError when it is not in the data."""
        return self.position_by_item_id[item_id]

    @cached_property
    def popularity(self) -> npt.NDArray[np.int64]:
        """Learners with a positive interaction, per item."""
        counts = np.asarray((self.histories.matrix() > 0).sum(axis=0)).ravel()
        return counts.astype(np.int64)

    @cached_property
    def published_at(self) -> npt.NDArray[np.float64]:
        """When each item was published, seconds since 1970; NaN where unknown."""
        return np.array([np.nan if item.published is None else item.published for item in self.items], np.float64)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over ids, items and events: equal data, equal fingerprint, on any machine."""
        digest = hashlib.sha256()
        for text in ("\x1f".join(self.user_ids), "\x1f".join(repr(item) for item in self.items)):
            digest.update(text.encode("utf-8") + b"\x1e")
        events = self.histories
        arrays = (events.indptr, events.items, events.weights) + (() if events.timestamps is None else (events.timestamps,))
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes() + b"\x1e")
        return digest.hexdigest()

    def with_histories(self, histories: Histories) -> "Dataset":
        """The same learners and items with other events, as a split makes them."""
        if len(histories) != self.n_users or histories.n_items != self.n_items:
            raise DataError(Fault.HISTORIES_MISFIT)
        return replace(self, histories=histories)


def shows_order(histories: Histories, item_ids: Sequence[str], threshold: float = 3.0) -> bool:
    """Whether the order of rows without times carries information, judged from the events alone.

    In a shuffled file a neighboring pair stands as often one way round as the other, so (n_ab - n_ba)² / (n_ab + n_ba) has
    mean 1 (a sign test per pair, summed; `threshold` in standard deviations). Rows sorted by item id are no order either.
    """
    same = histories.rows[1:] == histories.rows[:-1]
    before, after = histories.items[:-1][same].astype(np.int64), histories.items[1:][same].astype(np.int64)
    moved = before != after
    before, after = before[moved], after[moved]
    if len(before) == 0 or any(_is_sorted_by(rank, before, after) for rank in _id_ranks(item_ids)):
        return False
    low, high = np.minimum(before, after), np.maximum(before, after)
    _, pair, counts = np.unique(low * histories.n_items + high, return_inverse=True, return_counts=True)
    difference = np.bincount(pair, weights=np.where(before < after, 1.0, -1.0))
    often = counts >= 2
    if not often.any():
        return False
    surplus = difference[often] ** 2 / counts[often] - 1
    # Var[difference² / n] = 2 (1 - 1/n) when each of n pairs points either way with equal chance.
    spread = np.sqrt(np.sum(2 * (1 - 1 / counts[often])))
    return bool(surplus.sum() / spread > threshold)


def _id_ranks(item_ids: Sequence[str]) -> list[npt.NDArray[np.int64]]:
    """Ranks of the ids as text and, where all are numbers, as numbers: the two ways a tool sorts them."""
    places = range(len(item_ids))
    orders = [sorted(places, key=lambda place: item_ids[place])]
    if all(item_id.isdecimal() for item_id in item_ids):
        # Of two numbers the one with more digits is larger; int() and float() refuse long ones.
        digits = [item_id.lstrip("0") for item_id in item_ids]
        orders.append(sorted(places, key=lambda place: (len(digits[place]), digits[place])))
    return [np.argsort(order) for order in orders]


def _is_sorted_by(rank: npt.NDArray[np.int64], before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]) -> bool:
    rising = float(np.mean(rank[before] < rank[after]))
    return rising > _SORTED_SHARE or rising < 1 - _SORTED_SHARE
