"""Item parsing: items out of a table with lists in several notations, level names and durations."""

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from recsys.data.known_layouts import LEVEL_WORDS
from recsys.data.validation import RowProblem
from recsys.errors import DataError
from recsys.faults import Fault, fault_statement
from recsys.folding import fold
from recsys.types import Columns, Item, Statement

_SEPARATORS = ("|", ";", ",")
_WRITTEN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_UNREAD: Mapping[str, Callable[[str], Statement]] = {
    "level": lambda cell: fault_statement(Fault.LEVEL_UNREAD, cell=cell),
    "duration_minutes": lambda cell: fault_statement(Fault.DURATION_UNREAD, cell=cell),
    "published": lambda cell: fault_statement(Fault.TIME_UNREAD, cell=cell),
}


@dataclass(frozen=True)
class CheckedItems:
    """Items of a table of `rows` rows, and what of it could not be used: rows that were left out, cells that count as empty."""

    items: tuple[Item, ...]
    rows: int
    problems: tuple[RowProblem, ...] = ()


def as_checked_items(items: "pd.DataFrame | Sequence[Item] | CheckedItems | None") -> CheckedItems:
    """Items of any form as checked ones; those that are Items already have no problems."""
    if isinstance(items, CheckedItems):
        return items
    return parse_items(items) if isinstance(items, pd.DataFrame) else CheckedItems(tuple(items or ()), len(items or ()))


def items_from_frame(frame: pd.DataFrame) -> tuple[Item, ...]:
    """The items of `parse_items`."""
    return parse_items(frame).items


def parse_items(frame: pd.DataFrame) -> CheckedItems:
    """One Item per row of `frame` (column `item_id`, the rest optional); the first of repeated ids wins.

    Raises DataError when `item_id` is missing.
    """
    if Columns.ITEM not in frame.columns:
        raise DataError(Fault.ITEM_COLUMN_ABSENT, column=Columns.ITEM, found=frame.columns)
    readers: dict[str, Callable[[Any], Any]] = {
        **dict.fromkeys(("title", "description"), cell_as_text),
        **dict.fromkeys(("tags", "topics", "skills", "prerequisites"), parse_labels),
        "level": level,
        "duration_minutes": parse_minutes,
        "creator": optional_text,
        "published": parse_epoch_seconds,
        "language": optional_text,
    }
    first, problems = _first_rows([cell_as_text(raw) for raw in frame[Columns.ITEM]])
    kept = frame.iloc[list(first.values())]
    columns = {name: [read(value) for value in kept[name]] for name, read in readers.items() if name in kept.columns}
    for name in _UNREAD.keys() & columns.keys():
        for row, cell, value in zip(first.values(), map(cell_as_text, kept[name]), columns[name], strict=True):
            if value is None and cell and not (name == "level" and _level_key(cell) in LEVEL_WORDS):
                problems.append(RowProblem(row + 1, name, _UNREAD[name](cell)))
    items = (Item(item_id, **{name: column[place] for name, column in columns.items()}) for place, item_id in enumerate(first))
    return CheckedItems(tuple(items), len(frame), tuple(sorted(problems, key=lambda p: (p.row, p.column))))


def _first_rows(item_ids: Sequence[str]) -> tuple[dict[str, int], list[RowProblem]]:
    """The first row of every id, and the rows that are none."""
    first: dict[str, int] = {}
    problems = []
    for row, item_id in enumerate(item_ids):
        if not item_id:
            problems.append(RowProblem(row + 1, Columns.ITEM, fault_statement(Fault.MISSING)))
        elif first.setdefault(item_id, row) != row:
            problems.append(RowProblem(row + 1, Columns.ITEM, fault_statement(Fault.REPEATED_ID, item=item_id)))
    return first, problems


def cell_as_text(value: Any) -> str:
    """A cell as stripped text; missing is empty."""
    return "" if _missing(value) else str(value).strip()


def optional_text(value: Any) -> str | None:
    """A cell as text, or None where it is empty."""
    return cell_as_text(value) or None


def parse_labels(value: Any) -> tuple[str, ...]:
    """A cell that lists things, in order and without repeats.

    Understands sequences, a Python or JSON list (lists within it are joined), and text separated by `|`, `;` or `,`.
    """
    if not isinstance(value, str):
        return () if _missing(value) else _distinct(_flatten(value))
    stripped = value.strip()
    if stripped.startswith(("[", "(")):
        try:
            return _distinct(_flatten(ast.literal_eval(stripped)))
        except (ValueError, SyntaxError, MemoryError, RecursionError):  # the last two: too deeply nested for Python's parser
            stripped = stripped.strip("[]()")
    separator = next((mark for mark in _SEPARATORS if mark in stripped), None)
    return _distinct(stripped.split(separator) if separator else [stripped])


def level(value: Any) -> str | None:
    """One of recsys.types.LEVELS, or None for what is not known to be one."""
    return LEVEL_WORDS.get(_level_key(cell_as_text(value)))


def _level_key(cell: str) -> str:
    return re.sub(r"[\s_-]+", " ", fold(cell))


def parse_minutes(value: Any) -> int | None:
    """Whole minutes, at least 1; None where the cell holds no positive number."""
    number = _number(value)
    return None if number is None or number <= 0 else max(1, round(number))


def parse_epoch_seconds(value: Any) -> float | None:
    """Seconds since the epoch (UTC) of a number or an ISO-8601 date."""
    number = _number(value)
    if number is not None or _missing(value):
        return number
    moment = pd.to_datetime(str(value), utc=True, errors="coerce")
    return None if pd.isna(moment) else float(moment.timestamp())


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA or value is pd.NaT


def _number(value: Any) -> float | None:
    """A finite number; Python alone would also read `1_000` and digits of any script, which other readers of the file do not."""
    if isinstance(value, str) and not _WRITTEN_NUMBER.fullmatch(value.strip()):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _flatten(value: Any) -> Iterable[str]:
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        for part in value:
            yield from _flatten(part)
    elif not _missing(value):
        yield str(value)


def _distinct(parts: Iterable[str]) -> tuple[str, ...]:
    stripped = (part.strip().strip("'\"").strip() for part in parts)
    return tuple(dict.fromkeys(part for part in stripped if part and part.lower() not in {"n/a", "nan", "none"}))
