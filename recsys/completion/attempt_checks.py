"""Attempt checks: a table that cannot be used raises, what is wrong in a row is listed with its row."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys.completion.attempt_frames import FALSE_WORDS, TRUE_WORDS, AttemptColumns
from recsys.data.validation import CheckedInteractions, RowProblem, describe_problems, to_seconds
from recsys.errors import DataError
from recsys.types import LEVELS, Columns

_Mask = npt.NDArray[np.bool_]
_REQUIRED = (Columns.USER, Columns.ITEM, Columns.TIMESTAMP, AttemptColumns.COMPLETED)


def check_attempts(frame: pd.DataFrame) -> CheckedInteractions:
    """Validate a table with user_id, item_id, timestamp, completed and any of the other AttemptColumns, cells as text.

    A row without a learner or course, with an outcome that is neither true nor false, times that are none, or an end before its beginning
    is left out; so is one that repeats another's learner, course and beginning. Progress, time a week and level that cannot be read
    are taken for unknown. A missing time is allowed here. Raises DataError on missing columns and where nothing is left.
    """
    missing = [name for name in _REQUIRED if name not in frame.columns]
    if missing:
        raise DataError(f"Attempts need the columns {', '.join(missing)}; found: {', '.join(map(str, frame.columns)) or 'none'}")
    clean = frame.reset_index(drop=True)
    faults = _unusable_rows(clean)
    for mask, name, _ in _unreadable_cells(clean):
        clean[name] = clean[name].mask(mask)
    bad = np.logical_or.reduce([mask for mask, _, _ in faults])
    keys = [Columns.USER, Columns.ITEM, Columns.TIMESTAMP]
    repeated = ~bad & clean.duplicated(keys).to_numpy() & clean[Columns.TIMESTAMP].notna().to_numpy()
    faults += [(repeated, Columns.ITEM, "the same attempt stands further up"), *_unreadable_cells(frame.reset_index(drop=True))]
    problems = [RowProblem(int(row) + 1, name, told) for mask, name, told in faults for row in np.flatnonzero(mask)]
    problems.sort(key=lambda problem: (problem.row, problem.column))
    kept = clean[~(bad | repeated)].reset_index(drop=True)
    if not len(kept):
        raise DataError(f"No attempt can be used: {describe_problems(problems, 3) or 'there are no rows'}")
    return CheckedInteractions(kept, tuple(problems))


def _unusable_rows(frame: pd.DataFrame) -> list[tuple[_Mask, str, str]]:
    faults = [(~_given(frame, name), name, "is missing") for name in (Columns.USER, Columns.ITEM)]
    for name in (AttemptColumns.COMPLETED, AttemptColumns.DROPPED):
        words = _text(frame, name).str.lower()
        faults.append((_given(frame, name) & ~words.isin([*TRUE_WORDS, *FALSE_WORDS]).to_numpy(), name, "is neither true nor false"))
    for name in (Columns.TIMESTAMP, AttemptColumns.ENDED, AttemptColumns.LAST_ACTIVE):
        faults.append((_given(frame, name) & ~np.isfinite(_seconds(frame, name)), name, "is neither a number nor a date"))
    begun, ended = (_seconds(frame, name) for name in (Columns.TIMESTAMP, AttemptColumns.ENDED))
    early = np.isfinite(begun) & (ended < begun)
    return [*faults, (early, AttemptColumns.ENDED, "lies before the beginning")]


def _unreadable_cells(frame: pd.DataFrame) -> list[tuple[_Mask, str, str]]:
    progress, weekly = (pd.to_numeric(_text(frame, name), errors="coerce") for name in (AttemptColumns.PROGRESS, AttemptColumns.WEEKLY))
    unreadable = {
        AttemptColumns.PROGRESS: (~progress.between(0, 1).to_numpy(), "is not a share from 0 to 1"),
        AttemptColumns.WEEKLY: (~((weekly > 0) & np.isfinite(weekly)).to_numpy(), "is not a number of minutes"),
        AttemptColumns.LEVEL: (~_text(frame, AttemptColumns.LEVEL).isin(LEVELS).to_numpy(), f"is none of {', '.join(LEVELS)}"),
    }
    return [(_given(frame, name) & wrong, name, told) for name, (wrong, told) in unreadable.items() if name in frame.columns]


def _text(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column as text without blanks around it, "" where there is nothing or no such column."""
    if name not in frame.columns:
        return pd.Series("", index=frame.index)
    return frame[name].astype("string").str.strip().fillna("").astype(object)


def _given(frame: pd.DataFrame, name: str) -> _Mask:
    return np.asarray(_text(frame, name) != "", np.bool_)


def _seconds(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return to_seconds(frame[name]).to_numpy(np.float64) if name in frame.columns else np.full(len(frame), np.nan)
