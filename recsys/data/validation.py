"""Checks of interaction tables: what cannot be used at all raises, what is wrong in a row is listed with its row."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys.errors import DataError
from recsys.types import Columns


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was left out, or of a catalog a cell, counted from 1 without the header, and why."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class CheckedInteractions:
    """Rows that can be used: ids as text, `timestamp` (float64 seconds) and `weight` (float32) where given; and the rest."""

    frame: pd.DataFrame
    problems: tuple[RowProblem, ...]

    def require_clean(self) -> pd.DataFrame:
        """The frame, or a DataError that tells the first problems."""
        if self.problems:
            raise DataError(describe_problems(self.problems))
        return self.frame


def check_interactions(frame: pd.DataFrame) -> CheckedInteractions:
    """Validate a table with columns user_id, item_id[, timestamp][, weight] (others are dropped).

    Timestamps may be numbers (seconds or any rising count), dates or ISO-8601 text; a missing one is allowed. A missing
    weight counts 1. Raises DataError when a required column is absent.
    """
    for name in (Columns.USER, Columns.ITEM):
        if name not in frame.columns:
            raise DataError(f"Interactions need a column {name!r}; found: {', '.join(map(str, frame.columns)) or 'none'}")
    clean = pd.DataFrame(index=pd.RangeIndex(len(frame)))
    faults = [_clean_ids(frame, clean, Columns.USER), _clean_ids(frame, clean, Columns.ITEM)]
    if Columns.TIMESTAMP in frame.columns:
        faults.append(_clean_times(frame, clean))
    if Columns.WEIGHT in frame.columns:
        faults.append(_clean_weights(frame, clean))
    bad = np.logical_or.reduce([mask for mask, _, _ in faults])
    kept = clean[~bad]
    repeated = kept.duplicated()
    problems = [RowProblem(int(row) + 1, column, message) for mask, column, message in faults for row in np.flatnonzero(mask)]
    problems += [RowProblem(int(row) + 1, Columns.ITEM, "the same row stands further up") for row in kept.index[repeated]]
    return CheckedInteractions(kept[~repeated].reset_index(drop=True), tuple(sorted(problems, key=lambda p: (p.row, p.column))))


def describe_problems(problems: Sequence[RowProblem], limit: int = 5) -> str:
    """The first problems in words, and how many there are."""
    lines = [f"row {p.row}, {p.column}: {p.message}" for p in problems[:limit]]
    rest = len(problems) - limit
    return "; ".join(lines) + (f"; and {rest} more" if rest > 0 else "")


_Fault = tuple[np.ndarray, str, str]


def _clean_ids(frame: pd.DataFrame, clean: pd.DataFrame, name: str) -> _Fault:
    values = frame[name].reset_index(drop=True)
    whole = values.dtype.kind == "f" and bool((values.dropna() % 1 == 0).all())
    # A gap in a column of whole numbers turns it into floats; 17.0 must stay the learner 17.
    ids = (values.astype("Int64") if whole else values).astype("string").str.strip()
    clean[name] = ids
    return np.asarray(ids.isna() | (ids == "").fillna(False), bool), name, "is missing"


def _clean_times(frame: pd.DataFrame, clean: pd.DataFrame) -> _Fault:
    raw = frame[Columns.TIMESTAMP].reset_index(drop=True)
    seconds = to_seconds(raw)
    clean[Columns.TIMESTAMP] = seconds
    given = raw.notna() & (raw.astype("string").str.strip() != "").fillna(False)
    return np.asarray(given & ~np.isfinite(seconds), bool), Columns.TIMESTAMP, "is neither a number nor a date"


def _clean_weights(frame: pd.DataFrame, clean: pd.DataFrame) -> _Fault:
    raw = frame[Columns.WEIGHT].reset_index(drop=True)
    weights = pd.to_numeric(raw, errors="coerce")
    given = raw.notna() & (raw.astype("string").str.strip() != "").fillna(False)
    clean[Columns.WEIGHT] = weights.where(given, 1.0).astype(np.float32)
    return np.asarray(given & ~np.isfinite(weights.astype(np.float64)), bool), Columns.WEIGHT, "is not a number"


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
