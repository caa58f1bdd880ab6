"""Attempt frames: tables of enrollments read as attempts. Brings pandas: import it where frames are read."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys.completion.attempts import MATURE_DAYS, SILENT_DAYS, Attempts, Floats, attempts_with_outcome_times
from recsys.data.validation import to_seconds
from recsys.errors import DataError
from recsys.faults import Fault
from recsys.types import LEVELS, Columns

TRUE_WORDS = ("true", "1", "1.0", "yes")
FALSE_WORDS = ("false", "0", "0.0", "no")


class AttemptColumns:
    """Columns of a frame of attempts beside user_id, item_id and timestamp (when the learner enrolled)."""

    COMPLETED = "completed"  # required: true or 1 for a finished course
    PROGRESS = "progress"  # share of the course done, 0 to 1
    DROPPED = "dropped"  # true for a learner who left aloud
    ENDED = "ended"  # when the outcome became known
    LAST_ACTIVE = "last_active"
    WEEKLY = "weekly_minutes"  # the learner's stated time
    LEVEL = "learner_level"  # the learner's stated level, one of recsys.types.LEVELS


def attempts_from_frame(
    frame: pd.DataFrame,
    *,
    now: float | None = None,
    silent_days: float = SILENT_DAYS,
    mature_days: float = MATURE_DAYS,
    extras: Sequence[str] = (),
) -> Attempts:
    """Attempts of a frame with `user_id, item_id, timestamp, completed` and, where known, the columns of AttemptColumns.

    An attempt is finished when completed, stopped when dropped or silent for `silent_days` before `now` (the newest time in the
    data where not given), else open. Silence says nothing about a course on which nobody ever made progress: such attempts stay
    open. Rows without a time are left out and counted. Raises DataError on missing columns.
    """
    required = (Columns.USER, Columns.ITEM, Columns.TIMESTAMP, AttemptColumns.COMPLETED)
    missing = [name for name in (*required, *extras) if name not in frame.columns]
    if missing:
        raise DataError(Fault.ATTEMPT_COLUMNS_ABSENT, columns=missing, found=frame.columns)
    dated = to_seconds(frame[Columns.TIMESTAMP]).notna() & frame[Columns.USER].notna() & frame[Columns.ITEM].notna()
    kept = frame[dated].reset_index(drop=True)
    user, user_ids = pd.factorize(kept[Columns.USER].astype(str))
    item, item_ids = pd.factorize(kept[Columns.ITEM].astype(str))
    start = to_seconds(kept[Columns.TIMESTAMP]).to_numpy(np.float64)
    last = np.fmax(_times(kept, AttemptColumns.LAST_ACTIVE), start)
    ended = _times(kept, AttemptColumns.ENDED)
    if now is None:
        now = float(max(np.nanmax(last, initial=0.0), np.nanmax(ended, initial=0.0)))
    finished, dropped = (_flags(kept, name) for name in (AttemptColumns.COMPLETED, AttemptColumns.DROPPED))
    settled = attempts_with_outcome_times(
        (tuple(str(u) for u in user_ids), tuple(str(i) for i in item_ids)),
        {
            "user": user,
            "item": item,
            "start": start,
            "last": last,
            "finished": finished,
            "progress": _numbers(kept, AttemptColumns.PROGRESS),
            "weekly": _numbers(kept, AttemptColumns.WEEKLY),
            "level": _levels(kept),
        },
        ended,
        dropped,
        now,
        silent_days,
    )
    order = np.lexsort((start, user))
    more = {name: _numbers(kept, name)[order] for name in extras}
    return replace(settled, extras=more, mature_days=mature_days, undated=int((~dated).sum()))


def _times(frame: pd.DataFrame, name: str) -> Floats:
    return to_seconds(frame[name]).to_numpy(np.float64) if name in frame.columns else np.full(len(frame), np.nan)


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[name], errors="coerce"), np.float64)


def _flags(frame: pd.DataFrame, name: str) -> npt.NDArray[np.bool_]:
    if name not in frame.columns:
        return np.zeros(len(frame), bool)
    text = frame[name].astype("string").str.strip().str.lower()
    return np.asarray(text.isin(TRUE_WORDS).fillna(False), bool)


def _levels(frame: pd.DataFrame) -> Floats:
    if AttemptColumns.LEVEL not in frame.columns:
        return np.full(len(frame), np.nan)
    position = {level: float(index) for index, level in enumerate(LEVELS)}
    return np.asarray(frame[AttemptColumns.LEVEL].map(position), np.float64)
