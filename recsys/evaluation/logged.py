"""Slates that were served, with what came of them and the chance each choice had; and policies one asks "what if" about.

A place is a position of a slate with the item that stood there. Its propensity is the chance this very item had of this
very place under the policy that served it, over every way that leads there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recsys.errors import DataError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_ROUNDING = 1e-3  # stored chances are rounded, their sums may pass 1 by that much


class LoggedPlace(NamedTuple):
    """One place of a served slate. `position` counts from 1; `reward` is what came of it (1 for a click, 0 for none, or any
    number); `context` is a label of the situation (a placement, a segment), for the reward model and empty where unknown."""

    slate_id: str
    user_id: str
    position: int
    item_id: str
    propensity: float
    reward: float
    context: str = ""


class TargetPlace(NamedTuple):
    """The chance a policy gives an item at a position of a logged slate."""

    slate_id: str
    position: int
    item_id: str
    probability: float = 1.0


@dataclass(frozen=True)
class LoggedSlates:
    """A log as arrays. `learner` and `context` have one entry per slate (codes into nothing and into `contexts`); `slate`,
    `position`, `item` (code into `item_ids`), `propensity` and `reward` one per place."""

    slate_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    contexts: tuple[str, ...]
    learner: Ints
    context: Ints
    slate: Ints
    position: Ints
    item: Ints
    propensity: Floats
    reward: Floats

    @classmethod
    def from_places(cls, places: Iterable[LoggedPlace]) -> "LoggedSlates":
        """Read places in any order, from a list or a stream; a slate without a learner counts as a learner of its own.

        Raises DataError where a propensity is not in (0, 1], a reward is not finite, a position is below 1, a position is
        taken twice, or a slate has two learners or contexts.
        """
        slates, items, learners, contexts = _Codes(), _Codes(), _Codes(), _Codes()
        of_slate: list[tuple[int, int]] = []
        rows: list[tuple[int, int, int, float, float]] = []
        for number, place in enumerate(places, start=1):
            _check(place, number)
            owner = (learners[place.user_id or f"\x1f{place.slate_id}"], contexts[place.context])
            slate = slates[place.slate_id]
            if slate == len(of_slate):
                of_slate.append(owner)
            elif of_slate[slate] != owner:
                raise DataError(f"Place {number}: slate {place.slate_id!r} belongs to two learners or contexts")
            rows.append((slate, place.position, items[place.item_id], place.propensity, place.reward))
        if not rows:
            raise DataError("The log holds no place")
        columns = list(zip(*rows, strict=True))
        slate_column, position = np.array(columns[0], np.int64), np.array(columns[1], np.int64)
        cell = slate_column * (int(position.max()) + 1) + position
        if len(np.unique(cell)) != len(cell):
            raise DataError("Two rows of the log fill the same position of a slate")
        owners = np.array(of_slate, np.int64)
        return cls(
            slates.names(),
            items.names(),
            contexts.names(),
            learner=owners[:, 0],
            context=owners[:, 1],
            slate=slate_column,
            position=position,
            item=np.array(columns[2], np.int64),
            propensity=np.array(columns[3], np.float64),
            reward=np.array(columns[4], np.float64),
        )

    @property
    def n_slates(self) -> int:
        """How many slates were served."""
        return len(self.slate_ids)

    @property
    def n_learners(self) -> int:
        """How many learners saw them."""
        return int(self.learner.max()) + 1

    @property
    def n_positions(self) -> int:
        """The lowest place of the longest slate."""
        return int(self.position.max())

    @cached_property
    def random(self) -> npt.NDArray[np.bool_]:
        """Marks the places that chance had a hand in: only they say anything about other choices."""
        return self.propensity < 1

    @cached_property
    def slate_numbers(self) -> Mapping[str, int]:
        """The row of each slate by id."""
        return {slate_id: row for row, slate_id in enumerate(self.slate_ids)}


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
        items = _Codes(log.item_ids)
        rows: list[tuple[int, int, int, float]] = []
        for place in places:
            slate = log.slate_numbers.get(place.slate_id)
            if not 0 <= place.probability <= 1 or place.position < 1:
                raise DataError(f"{name}: {place} is no chance of an item at a position")
            if slate is not None and place.probability > 0:
                rows.append((slate, place.position, items[place.item_id], place.probability))
        columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
        slate_column, position, item = (np.array(c, np.int64) for c in columns[:3])
        policy = cls(name, items.names(), slate_column, position, item, np.array(columns[3], np.float64))
        policy._require_whole(log)
        return policy

    @classmethod
    def fixed(cls, name: str, log: LoggedSlates, slates: Mapping[str, Sequence[str]]) -> "TargetPolicy":
        """A policy without chance: for each logged slate the items it would show, from the first position on."""
        return cls.from_places(
            name, log, (TargetPlace(slate, n, item) for slate, row in slates.items() for n, item in enumerate(row, start=1))
        )

    def of_logged(self, log: LoggedSlates) -> Floats:
        """The chance of each logged place under this policy; shape (n_places,)."""
        mine, theirs = self._keys(log), self._key_of(log.slate, log.position, log.item, log)
        order = np.argsort(mine)
        where = np.searchsorted(mine[order], theirs)
        found = np.zeros(len(theirs))
        inside = np.flatnonzero(where < len(mine))
        hit = inside[mine[order][where[inside]] == theirs[inside]]
        found[hit] = self.probability[order][where[hit]]
        return found

    def _keys(self, log: LoggedSlates) -> Ints:
        return self._key_of(self.slate, self.position, self.item, log)

    def _key_of(self, slate: Ints, position: Ints, item: Ints, log: LoggedSlates) -> Ints:
        positions = max(log.n_positions, int(self.position.max(initial=0))) + 1
        return np.asarray((slate * positions + position) * len(self.item_ids) + item, np.int64)

    def _require_whole(self, log: LoggedSlates) -> None:
        missing = log.n_slates - len(np.unique(self.slate))
        if missing:
            raise DataError(f"{self.name} says nothing about {missing} of {log.n_slates} logged slates")
        keys = self._keys(log)
        if len(np.unique(keys)) != len(keys):
            raise DataError(f"{self.name} states the chance of an item at a position twice")
        _, cell = np.unique(keys // len(self.item_ids), return_inverse=True)
        if np.bincount(cell, weights=self.probability).max() > 1 + _ROUNDING:
            raise DataError(f"{self.name}: the chances of a position sum to more than 1")


class _Codes:
    """Numbers for names in order of appearance."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._codes = {name: code for code, name in enumerate(names)}

    def __getitem__(self, name: str) -> int:
        return self._codes.setdefault(name, len(self._codes))

    def names(self) -> tuple[str, ...]:
        return tuple(self._codes)


def _check(place: LoggedPlace, number: int) -> None:
    if not 0 < place.propensity <= 1:
        raise DataError(f"Place {number}: a propensity of {place.propensity} is not in (0, 1]")
    if not np.isfinite(place.reward):
        raise DataError(f"Place {number}: a reward of {place.reward} is not a number")
    if place.position < 1:
        raise DataError(f"Place {number}: positions count from 1, found {place.position}")
