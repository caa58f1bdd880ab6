"""Target policies of off-policy estimates, place by place of logged slates (recsys.data.slates)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recsys.data.slates import MOST_PLACES, CodeTable, LoggedSlates
from recsys.errors import DataError
from recsys.faults import Fault

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_ROUNDING = 1e-3  # stored chances are rounded, their sums may pass 1 by that much


class TargetPlace(NamedTuple):
    """The chance a policy gives an item at a position of a logged slate."""

    slate_id: str
    position: int
    item_id: str
    probability: float = 1.0


@dataclass(frozen=True)
class TargetPolicy:
    """What a policy would have shown in the logged situations: the chance of each item at each position.

    One entry per (slate, position, item) with a chance above 0: `slate` is a row of the log, `item` a code into `item_ids`
    (those of the log first, then items the log never shows).
    """

    name: str
    item_ids: tuple[str, ...]
    slate: Ints
    position: Ints
    item: Ints
    probability: Floats

    @classmethod
    def from_places(cls, name: str, log: LoggedSlates, places: Iterable[TargetPlace]) -> "TargetPolicy":
        """Read chances for the slates of `log`; those for other slates are ignored. A position without chances stays empty.

        Raises DataError when a slate of the log is left out, when a chance is not in [0, 1], when one is stated twice, or
        when those of a position sum to more than 1.
        """
        items = CodeTable(log.item_ids)
        rows: list[tuple[int, int, int, float]] = []
        for place in places:
            slate = log.row_by_slate_id.get(place.slate_id)
            if not 0 <= place.probability <= 1 or not 1 <= place.position <= MOST_PLACES:
                raise DataError(Fault.TARGET_CHANCE_UNUSABLE, target=name, place=str(place))
            if slate is not None and place.probability > 0:
                rows.append((slate, place.position, items[place.item_id], place.probability))
        columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
        slate_column, position, item = (np.array(c, np.int64) for c in columns[:3])
        policy = cls(name, items.all_names(), slate_column, position, item, np.array(columns[3], np.float64))
        policy._require_whole(log)
        return policy

    @classmethod
    def deterministic(cls, name: str, log: LoggedSlates, slates: Mapping[str, Sequence[str]]) -> "TargetPolicy":
        """A policy without chance: for each logged slate the items it would show, from the first position on."""
        return cls.from_places(
            name, log, (TargetPlace(slate, n, item) for slate, row in slates.items() for n, item in enumerate(row, start=1))
        )

    def logged_probabilities(self, log: LoggedSlates) -> Floats:
        """The chance of each logged place under this policy; shape (n_places,)."""
        mine, theirs = self._keys(log), self._slate_position_item_keys(log.slate, log.position, log.item, log)
        order = np.argsort(mine)
        where = np.searchsorted(mine[order], theirs)
        chances = np.zeros(len(theirs))
        inside = np.flatnonzero(where < len(mine))
        hit = inside[mine[order][where[inside]] == theirs[inside]]
        chances[hit] = self.probability[order][where[hit]]
        return chances

    def _keys(self, log: LoggedSlates) -> Ints:
        return self._slate_position_item_keys(self.slate, self.position, self.item, log)

    def _slate_position_item_keys(self, slate: Ints, position: Ints, item: Ints, log: LoggedSlates) -> Ints:
        positions = max(log.n_positions, int(self.position.max(initial=0))) + 1
        return np.asarray((slate * positions + position) * len(self.item_ids) + item, np.int64)

    def _require_whole(self, log: LoggedSlates) -> None:
        missing = log.n_slates - len(np.unique(self.slate))
        if missing:
            raise DataError(Fault.TARGET_INCOMPLETE, target=self.name, missing=missing, slates=log.n_slates)
        keys = self._keys(log)
        if len(np.unique(keys)) != len(keys):
            raise DataError(Fault.TARGET_CHANCE_REPEATED, target=self.name)
        _, cell = np.unique(keys // len(self.item_ids), return_inverse=True)
        if np.bincount(cell, weights=self.probability).max() > 1 + _ROUNDING:
            raise DataError(Fault.TARGET_CHANCES_EXCEED_ONE, target=self.name)
