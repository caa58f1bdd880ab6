"""Items out of a table whose cells people filled in: lists in several notations, level names, durations."""

import ast
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from recsys.errors import DataError
from recsys.types import LEVELS, Columns, Item

_LEVEL_WORDS = {
    **{level: level for level in LEVELS},
    "beginner level": "beginner",
    "introductory": "beginner",
    "basic": "beginner",
    "easy": "beginner",
    "intermediate level": "intermediate",
    "medium": "intermediate",
    "mixed": "intermediate",
    "advanced level": "advanced",
    "expert": "advanced",
    "expert level": "advanced",
    "hard": "advanced",
}
_SEPARATORS = ("|", ";", ",")


def items_from_frame(frame: pd.DataFrame) -> tuple[Item, ...]:
    """One Item per row of `frame` (column `item_id`, the rest optional); the first of repeated ids wins.

    Raises DataError when `item_id` is missing.
    """
    if Columns.ITEM not in frame.columns:
        raise DataError(f"Items need a column {Columns.ITEM!r}; found: {', '.join(map(str, frame.columns))}")
    readers: dict[str, Callable[[Any], Any]] = {
        **dict.fromkeys(("title", "description"), text),
        **dict.fromkeys(("tags", "topics", "skills", "prerequisites"), labels),
        "level": level,
        "duration_minutes": minutes,
        "creator": optional_text,
        "published": seconds,
        "language": optional_text,
    }
    kept = frame[frame[Columns.ITEM].notna()]
    columns = {name: [read(value) for value in kept[name]] for name, read in readers.items() if name in kept.columns}
    found: dict[str, Item] = {}
    for position, raw in enumerate(kept[Columns.ITEM]):
        item_id = text(raw)
        if item_id and item_id not in found:
            found[item_id] = Item(item_id=item_id, **{name: column[position] for name, column in columns.items()})
    return tuple(found.values())


def text(value: Any) -> str:
    """A cell as stripped text; missing is empty."""
    return "" if _missing(value) else str(value).strip()


def optional_text(value: Any) -> str | None:
    """A cell as text, or None where it is empty."""
    return text(value) or None


def labels(value: Any) -> tuple[str, ...]:
    """A cell that lists things, in order and without repeats.

    Understands sequences, a Python or JSON list (however deeply nested), and text separated by `|`, `;` or `,`.
    """
    if not isinstance(value, str):
        return () if _missing(value) else _distinct(_flatten(value))
    stripped = value.strip()
    if stripped.startswith(("[", "(")):
        try:
            return _distinct(_flatten(ast.literal_eval(stripped)))
        except (ValueError, SyntaxError):
            stripped = stripped.strip("[]()")
    separator = next((mark for mark in _SEPARATORS if mark in stripped), None)
    return _distinct(stripped.split(separator) if separator else [stripped])


def level(value: Any) -> str | None:
    """One of recsys.types.LEVELS, or None for what is not known to be one."""
    return _LEVEL_WORDS.get(re.sub(r"[\s_-]+", " ", text(value).lower()))


def minutes(value: Any) -> int | None:
    """Whole minutes, at least 1; None where the cell holds no positive number."""
    number = _number(value)
    return None if number is None or number <= 0 else max(1, round(number))


def seconds(value: Any) -> float | None:
    """Seconds since the epoch (UTC) of a number or an ISO-8601 date."""
    number = _number(value)
    if number is not None or _missing(value):
        return number
    moment = pd.to_datetime(str(value), utc=True, errors="coerce")
    return None if pd.isna(moment) else float(moment.timestamp())


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA or value is pd.NaT


def _number(value: Any) -> float | None:
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
