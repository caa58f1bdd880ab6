"""Logged slates: what was served, with rewards and propensities.

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
from recsys.faults import Fault

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
MOST_PLACES = 10_000
"""No slate is longer."""
_LARGEST_SCORE = 1e9  # far from where single precision, in which blends learn, overflows


class LoggedPlace(NamedTuple):
    """One place of a served slate. `position` counts from 1; `reward` is what came of it (1 for a click, 0 for none, or any
    number); `context` is a label of the situation (a placement, a segment), empty where unknown; `served_at` is when the slate was
    shown, in seconds since 1970, `score` what the item was ranked by; None where unknown."""

    slate_id: str
    user_id: str
    position: int
    item_id: str
    propensity: float
    reward: float
    context: str = ""
    served_at: float | None = None
    score: float | None = None


@dataclass(frozen=True)
class LoggedSlates:
    """A log as arrays. `learner` (code into `learner_ids`), `context` (code into `contexts`) and `served_at` (seconds since 1970,
    NaN where unknown) have one entry per slate; `slate`, `position`, `item` (code into `item_ids`), `propensity`, `reward` and
    `score` (NaN where unknown) one per place. A learner without a name has one that nobody else can have."""

    slate_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    contexts: tuple[str, ...]
    learner_ids: tuple[str, ...]
    learner: Ints
    context: Ints
    served_at: Floats
    slate: Ints
    position: Ints
    item: Ints
    propensity: Floats
    reward: Floats
    score: Floats

    @classmethod
    def from_places(cls, places: Iterable[LoggedPlace]) -> "LoggedSlates":
        """Read places in any order, from a list or a stream; a slate without a learner counts as a learner of its own.

        Raises DataError where a propensity is not in (0, 1], a reward is not finite, a score is huge, a position is below 1 or past
        MOST_PLACES, a position is taken twice, or a slate has two learners, contexts or times.
        """
        slates, items, learners, contexts = CodeTable(), CodeTable(), CodeTable(), CodeTable()
        of_slate: list[tuple[int, int, float | None]] = []
        rows: list[tuple[int, int, int, float, float, float | None]] = []
        for number, place in enumerate(places, start=1):
            _check(place, number)
            owner = (learners[place.user_id or f"\x1f{place.slate_id}"], contexts[place.context], place.served_at)
            slate = slates[place.slate_id]
            if slate == len(of_slate):
                of_slate.append(owner)
            elif of_slate[slate] != owner:
                raise DataError(Fault.SLATE_MIXED, place=number, slate=place.slate_id)
            rows.append((slate, place.position, items[place.item_id], place.propensity, place.reward, place.score))
        if not rows:
            raise DataError(Fault.LOG_EMPTY)
        columns = list(zip(*rows, strict=True))
        slate_column, position = np.array(columns[0], np.int64), np.array(columns[1], np.int64)
        cell = slate_column * (int(position.max()) + 1) + position
        if len(np.unique(cell)) != len(cell):
            raise DataError(Fault.POSITION_TAKEN_TWICE)
        learner, context, served_at = zip(*of_slate, strict=True)
        return cls(
            slates.all_names(),
            items.all_names(),
            contexts.all_names(),
            learners.all_names(),
            learner=np.array(learner, np.int64),
            context=np.array(context, np.int64),
            served_at=np.array(served_at, np.float64),  # None becomes NaN
            slate=slate_column,
            position=position,
            item=np.array(columns[2], np.int64),
            propensity=np.array(columns[3], np.float64),
            reward=np.array(columns[4], np.float64),
            score=np.array(columns[5], np.float64),
        )

    @property
    def n_slates(self) -> int:
        """How many slates were served."""
        return len(self.slate_ids)

    @property
    def n_learners(self) -> int:
        """How many learners saw them."""
        return len(self.learner_ids)

    @property
    def n_positions(self) -> int:
        """The lowest place of the longest slate."""
        return int(self.position.max())

    @cached_property
    def randomized_places(self) -> npt.NDArray[np.bool_]:
        """Marks the places that chance had a hand in: only they say anything about other choices."""
        return self.propensity < 1

    @cached_property
    def row_by_slate_id(self) -> Mapping[str, int]:
        """The row of each slate by id."""
        return {slate_id: row for row, slate_id in enumerate(self.slate_ids)}


class CodeTable:
    """Numbers for names in order of appearance."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._codes = {name: code for code, name in enumerate(names)}

    def __getitem__(self, name: str) -> int:
        return self._codes.setdefault(name, len(self._codes))

    def all_names(self) -> tuple[str, ...]:
        """All names so far, by number."""
        return tuple(self._codes)


def _check(place: LoggedPlace, number: int) -> None:
    if not 0 < place.propensity <= 1:
        raise DataError(Fault.PROPENSITY_OUT_OF_RANGE, place=number, value=place.propensity)
    if not np.isfinite(place.reward):
        raise DataError(Fault.REWARD_NOT_FINITE, place=number, value=place.reward)
    if place.served_at is not None and not np.isfinite(place.served_at):
        raise DataError(Fault.SLATE_TIME_NOT_FINITE, place=number, value=place.served_at)
    if place.score is not None and not np.isfinite(place.score):
        raise DataError(Fault.SCORE_NOT_FINITE, place=number, value=place.score)
    if place.score is not None and abs(place.score) > _LARGEST_SCORE:
        raise DataError(Fault.SCORE_TOO_LARGE, place=number, value=place.score, most=f"{_LARGEST_SCORE:,.0f}")
    if not 1 <= place.position <= MOST_PLACES:
        raise DataError(Fault.POSITION_OUT_OF_RANGE, place=number, value=place.position, most=f"{MOST_PLACES:,}")
