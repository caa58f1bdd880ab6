"""Attempts: enrollments with their outcome, finished, stopped or not known yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.data.engagement import DAY

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SILENT_DAYS = 28.0
"""Days without activity after which an open attempt counts as stopped. Of learners of the sample world who were silent for so long
1 in 80 came back to the course; after 14 days it was 1 in 8."""
MATURE_DAYS = 2 * SILENT_DAYS
"""Age at which an attempt's outcome is nearly always known. Finishing shows sooner than stopping: in the sample world
74 percent of the outcomes known of the last four weeks' attempts are finished ones, against 59 percent of mature ones."""


@dataclass(frozen=True)
class Attempts:
    """Enrollments by learner and then by time, one entry each; times in seconds.

    `known` is when the outcome became known, infinity while the attempt is open; `finished` and `progress` hold from then on.
    `last` is the latest sign of activity. `weekly` is minutes a week and `level` a position in LEVELS, NaN where unstated.
    `extras` are further columns known at enrollment. `now` is the moment of the data; `undated` counts rows left out for lack
    of a time. `mature_days` is the age from which an attempt counts where shares are learned (see MATURE_DAYS).
    """

    user_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    user: Ints
    item: Ints
    start: Floats
    last: Floats
    known: Floats
    finished: npt.NDArray[np.bool_]
    progress: Floats
    weekly: Floats
    level: Floats
    extras: Mapping[str, Floats]
    now: float
    mature_days: float = 0.0
    undated: int = 0

    def __len__(self) -> int:
        return len(self.user)

    @property
    def settled_at(self) -> Floats:
        """When each attempt was both decided and mature, infinity where that is not so at `now`."""
        ripe = np.maximum(self.known, self.start + self.mature_days * DAY)
        return np.asarray(np.where(ripe <= self.now, ripe, np.inf), np.float64)

    def as_of(self, moment: float) -> "Attempts":
        """What was known at `moment`: attempts begun before it, outcomes known by then, the others open."""
        begun = self.start < moment
        known = np.where(self.known <= moment, self.known, np.inf)[begun]
        last = np.minimum(self.last, moment)[begun]
        columns = ("user", "item", "start", "finished", "progress", "weekly", "level")
        kept = {name: getattr(self, name)[begun] for name in columns}
        extras = {name: values[begun] for name, values in self.extras.items()}
        return replace(self, **kept, known=known, last=last, extras=extras, now=moment)


@dataclass(frozen=True, slots=True)
class OneAttempt:
    """An enrollment of one learner, times in seconds; `ended` is when it was completed or dropped, None where it was not or is unknown."""

    item_id: str
    start: float
    last: float
    completed: bool
    dropped: bool
    progress: float
    ended: float | None


def attempts_of_learner(rows: Sequence[OneAttempt], now: float, *, silent_days: float = SILENT_DAYS) -> Attempts:
    """The attempts of one learner as `attempt_frames.attempts_from_frame` would read them, without a frame: a tenth of its time.

    What is stated (time a week, level) is left out; see `table_for_learner`, which is given it.
    """
    ids = tuple(dict.fromkeys(row.item_id for row in rows))
    position = {item_id: index for index, item_id in enumerate(ids)}
    start, last = (np.array([getattr(row, name) for row in rows], np.float64) for name in ("start", "last"))
    unknown = np.full(len(rows), np.nan)
    columns = {
        "user": np.zeros(len(rows), np.int64),
        "item": np.array([position[row.item_id] for row in rows], np.int64),
        "start": start,
        "last": np.fmax(last, start),
        "finished": np.array([row.completed for row in rows], np.bool_),
        "progress": np.array([row.progress for row in rows], np.float64),
        "weekly": unknown,
        "level": unknown,
    }
    ended = np.array([np.nan if row.ended is None else row.ended for row in rows], np.float64)
    dropped = np.array([row.dropped for row in rows], np.bool_)
    return attempts_with_outcome_times((("",), ids), columns, ended, dropped, now, silent_days)


def attempts_with_outcome_times(
    ids: tuple[tuple[str, ...], tuple[str, ...]],
    columns: dict[str, npt.NDArray[Any]],
    ended: Floats,
    dropped: npt.NDArray[np.bool_],
    now: float,
    silent_days: float,
) -> Attempts:
    """Attempts in order, with when the outcome of each became known."""
    last, finished, item = columns["last"], columns["finished"], columns["item"]
    progress = np.where(finished, 1.0, np.clip(columns["progress"], 0, 1))
    stated = finished | dropped
    tracked = np.bincount(item, weights=np.nan_to_num(progress) > 0, minlength=len(ids[1])) > 0
    silent = ~stated & tracked[item] & (now - last >= silent_days * DAY)
    known = np.where(stated, np.where(np.isnan(ended), last, ended), np.where(silent, last + silent_days * DAY, np.inf))
    order = np.lexsort((columns["start"], columns["user"]))
    whole = columns | {"progress": progress, "known": np.where(known <= now, known, np.inf)}
    ordered: dict[str, Any] = {name: values[order] for name, values in whole.items()}
    return Attempts(*ids, **ordered, extras={}, now=now)
