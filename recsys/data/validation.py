"""Checks of interaction tables: what cannot be used at all raises, what is wrong in a row is listed with its row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from recsys.errors import DataError
from recsys.faults import Fault, fault_statement
from recsys.types import Columns, Statement


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was left out, or of a catalog a cell, counted from 1 without the header, and why."""

    row: int
    column: str
    reason: Statement
    """A fault, as the end of a sentence."""

    @property
    def repeats(self) -> bool:
        """Whether the row is well and only stands twice."""
        return self.reason.code == Fault.REPEATED_ROW.code

    def statement(self) -> Statement:
        """The row, the column and why."""
        return fault_statement(Fault.ROW, row=self.row, column=self.column, reason=self.reason)


@dataclass(frozen=True)
class CheckedInteractions:
    """Rows that can be used: ids as text, `timestamp` (float64 seconds) and `weight` (float32) where given; and the rest."""

    frame: pd.DataFrame
    problems: tuple[RowProblem, ...]

    def require_clean(self) -> pd.DataFrame:
        """The frame, or a DataError that names the first problems."""
        if self.problems:
            raise DataError(Fault.UNUSABLE_ROWS, problems=list_problems(self.problems))
        return self.frame

    def without_repeats(self) -> Self:
        """The same rows; those that repeat another are no problem."""
        return replace(self, problems=tuple(problem for problem in self.problems if not problem.repeats))


def check_interactions(frame: pd.DataFrame) -> CheckedInteractions:
    """Validate a table with columns user_id, item_id[, timestamp][, weight] (others are dropped).

    Timestamps may be numbers (seconds or any rising count), dates or ISO-8601 text; a missing one is allowed. A missing
    weight counts 1. Raises DataError when a required column is absent.
    """
    for name in (Columns.USER, Columns.ITEM):
        if name not in frame.columns:
            raise DataError(Fault.INTERACTION_COLUMN_ABSENT, column=name, found=frame.columns)
    clean = pd.DataFrame(index=pd.RangeIndex(len(frame)))
    faults = [_clean_ids_and_mark_missing(frame, clean, Columns.USER), _clean_ids_and_mark_missing(frame, clean, Columns.ITEM)]
    if Columns.TIMESTAMP in frame.columns:
        faults.append(_clean_times_and_find_faults(frame, clean))
    if Columns.WEIGHT in frame.columns:
        faults.append(_clean_weights_and_find_faults(frame, clean))
    bad = np.logical_or.reduce([mask for mask, _, _ in faults])
    kept = clean[~bad]
    repeated = kept.duplicated()
    problems = [RowProblem(int(row) + 1, column, reason) for mask, column, reason in faults for row in np.flatnonzero(mask)]
    problems += [RowProblem(int(row) + 1, Columns.ITEM, fault_statement(Fault.REPEATED_ROW)) for row in kept.index[repeated]]
    return CheckedInteractions(kept[~repeated].reset_index(drop=True), tuple(sorted(problems, key=lambda p: (p.row, p.column))))


def list_problems(problems: Sequence[RowProblem], limit: int = 5) -> list[Statement]:
    """The first problems, and how many more there are."""
    rest = len(problems) - limit
    return [*(p.statement() for p in problems[:limit]), *([fault_statement(Fault.MORE_PROBLEMS, rest=rest)] if rest > 0 else [])]


_FaultyRows = tuple[np.ndarray, str, Statement]


def _clean_ids_and_mark_missing(frame: pd.DataFrame, clean: pd.DataFrame, name: str) -> _FaultyRows:
    values = frame[name].reset_index(drop=True)
    whole = values.dtype.kind == "f" and bool((values.dropna() % 1 == 0).all())
    # A gap in a column of whole numbers turns it into floats; 17.0 must stay the learner 17.
    ids = (values.astype("Int64") if whole else values).astype("string").str.strip()
    clean[name] = ids
    return np.asarray(ids.isna() | (ids == "").fillna(False), bool), name, fault_statement(Fault.MISSING)


def _clean_times_and_find_faults(frame: pd.DataFrame, clean: pd.DataFrame) -> _FaultyRows:
    raw = frame[Columns.TIMESTAMP].reset_index(drop=True)
    seconds = to_seconds(raw)
    clean[Columns.TIMESTAMP] = seconds
    given = raw.notna() & (raw.astype("string").str.strip() != "").fillna(False)
    return np.asarray(given & ~np.isfinite(seconds), bool), Columns.TIMESTAMP, fault_statement(Fault.NOT_A_TIME)


def _clean_weights_and_find_faults(frame: pd.DataFrame, clean: pd.DataFrame) -> _FaultyRows:
    raw = frame[Columns.WEIGHT].reset_index(drop=True)
    weights = pd.to_numeric(raw, errors="coerce")
    given = raw.notna() & (raw.astype("string").str.strip() != "").fillna(False)
    clean[Columns.WEIGHT] = weights.where(given, 1.0).astype(np.float32)
    return np.asarray(given & ~np.isfinite(weights.astype(np.float64)), bool), Columns.WEIGHT, fault_statement(Fault.NOT_A_NUMBER)


def to_seconds(values: pd.Series) -> pd.Series:
    """Seconds (float64): numbers as they are, dates and ISO-8601 text since the epoch in UTC; NaN for anything else."""
    if values.dtype.kind == "M" or isinstance(values.dtype, pd.DatetimeTZDtype):
        return _epoch(pd.to_datetime(values, utc=True))
    numbers = pd.to_numeric(values, errors="coerce").astype(np.float64)
    text = numbers.isna() & values.notna()
    if text.any():
        moments = pd.to_datetime(values[text].astype(str), utc=True, errors="coerce", format="ISO8601")
        numbers[text] = _epoch(moments)
    return numbers


def _epoch(moments: pd.Series) -> pd.Series:
    return (moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)
