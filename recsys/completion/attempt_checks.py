"""Attempt checks: a table that cannot be used raises, what is wrong in a row is listed with its row."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys.completion.attempt_frames import FALSE_WORDS, TRUE_WORDS, AttemptColumns
from recsys.data.validation import CheckedInteractions, RowProblem, list_problems, to_seconds
from recsys.errors import DataError
from recsys.faults import Fault, fault_statement
from recsys.types import LEVELS, Columns, Statement

_Mask = npt.NDArray[np.bool_]
_FaultyRows = tuple[_Mask, str, Statement]
_REQUIRED = (Columns.USER, Columns.ITEM, Columns.TIMESTAMP, AttemptColumns.COMPLETED)


def check_attempts(frame: pd.DataFrame) -> CheckedInteractions:
    """Validate a table with user_id, item_id, timestamp, completed and any of the other AttemptColumns, cells as text.

    A row without a learner or course, with an outcome that is neither true nor false, times that are none, or an end before its beginning
    is left out; so is one that repeats another's learner, course and beginning. Progress, time a week and level that cannot be read
    are taken for unknown. A missing time is allowed here. Raises DataError on missing columns and where nothing is left.
    """
    missing = [name for name in _REQUIRED if name not in frame.columns]
    if missing:
        raise DataError(Fault.ATTEMPT_COLUMNS_ABSENT, columns=missing, found=frame.columns)
    clean = frame.reset_index(drop=True)
    faults = _unusable_rows(clean)
    for mask, name, _ in _unreadable_cells(clean):
        clean[name] = clean[name].mask(mask)
    bad = np.logical_or.reduce([mask for mask, _, _ in faults])
    keys = [Columns.USER, Columns.ITEM, Columns.TIMESTAMP]
    repeated = ~bad & clean.duplicated(keys).to_numpy() & clean[Columns.TIMESTAMP].notna().to_numpy()
    faults += [(repeated, Columns.ITEM, fault_statement(Fault.REPEATED_ATTEMPT)), *_unreadable_cells(frame.reset_index(drop=True))]
    problems = [RowProblem(int(row) + 1, name, reason) for mask, name, reason in faults for row in np.flatnonzero(mask)]
    problems.sort(key=lambda problem: (problem.row, problem.column))
    kept = clean[~(bad | repeated)].reset_index(drop=True)
    if not len(kept):
        raise DataError(Fault.NO_USABLE_ATTEMPT, problems=list_problems(problems, 3) or fault_statement(Fault.NO_ROWS))
    return CheckedInteractions(kept, tuple(problems))


def _unusable_rows(frame: pd.DataFrame) -> list[_FaultyRows]:
    faults = [(~_given(frame, name), name, fault_statement(Fault.MISSING)) for name in (Columns.USER, Columns.ITEM)]
    for name in (AttemptColumns.COMPLETED, AttemptColumns.DROPPED):
        wrong = ~_column_as_text(frame, name).str.lower().isin([*TRUE_WORDS, *FALSE_WORDS]).to_numpy()
        faults.append((_given(frame, name) & wrong, name, fault_statement(Fault.NOT_A_TRUTH_VALUE)))
    for name in (Columns.TIMESTAMP, AttemptColumns.ENDED, AttemptColumns.LAST_ACTIVE):
        faults.append((_given(frame, name) & ~np.isfinite(_seconds(frame, name)), name, fault_statement(Fault.NOT_A_TIME)))
    begun, ended = (_seconds(frame, name) for name in (Columns.TIMESTAMP, AttemptColumns.ENDED))
    early = np.isfinite(begun) & (ended < begun)
    return [*faults, (early, AttemptColumns.ENDED, fault_statement(Fault.ENDS_BEFORE_BEGINNING))]


def _unreadable_cells(frame: pd.DataFrame) -> list[_FaultyRows]:
    progress, weekly = (
        pd.to_numeric(_column_as_text(frame, name), errors="coerce") for name in (AttemptColumns.PROGRESS, AttemptColumns.WEEKLY)
    )
    unreadable = {
        AttemptColumns.PROGRESS: (~progress.between(0, 1).to_numpy(), fault_statement(Fault.NOT_A_SHARE)),
        AttemptColumns.WEEKLY: (~((weekly > 0) & np.isfinite(weekly)).to_numpy(), fault_statement(Fault.NOT_MINUTES)),
        AttemptColumns.LEVEL: (
            ~_column_as_text(frame, AttemptColumns.LEVEL).isin(LEVELS).to_numpy(),
            fault_statement(Fault.NOT_ONE_OF, known=LEVELS),
        ),
    }
    return [(_given(frame, name) & wrong, name, reason) for name, (wrong, reason) in unreadable.items() if name in frame.columns]


def _column_as_text(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column as text without blanks around it, "" where there is nothing or no such column."""
    if name not in frame.columns:
        return pd.Series("", index=frame.index)
    return frame[name].astype("string").str.strip().fillna("").astype(object)


def _given(frame: pd.DataFrame, name: str) -> _Mask:
    return np.asarray(_column_as_text(frame, name) != "", np.bool_)


def _seconds(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return to_seconds(frame[name]).to_numpy(np.float64) if name in frame.columns else np.full(len(frame), np.nan)
