"""Values out of cells: each reader returns what it stands for or raises CellError with a reason people can act on."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TypeVar

from recsys.data.known_layouts import LEVEL_WORDS
from webapp.importing.csv_records import Record
from webapp.importing.problems import CellError, Problem
from webapp.models.course import Level
from webapp.support.clock import now
from webapp.support.languages import language_tag
from webapp.support.messages import gettext
from webapp.support.numbers import parse_number
from webapp.support.text import clean_line, clean_text, fold, is_blank

T = TypeVar("T")
MAX_ID, MAX_TITLE, MAX_TEXT, MAX_NAME = 64, 300, 50_000, 120
_MOST_NAMES = 100  # in one cell
_LONGEST_TAG = 8
_FORMULA = re.compile(r"=|[+\-@]\s*[A-Za-z]+\s*\(|[+\-@].*\|.*!")
NO_NAMES: tuple[str, ...] = ()
_PROGRAMS_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_ABSENT = frozenset({"", "nan", "none", "null", "n/a", "na", "[]"})
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_BRACKETED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


class Row:
    """The cells of a record under our field names; collects every problem instead of stopping at the first."""

    __slots__ = ("_index", "names", "number", "problems", "record")

    def __init__(self, record: Record, number: int, index: Mapping[str, int], names: Mapping[str, str]) -> None:
        self.record, self.number, self._index, self.names = record, number, index, names
        self.problems: list[Problem] = []

    def text(self, field: str) -> str:
        """The cell without blanks around it; empty when the file has no such column."""
        place = self._index.get(field)
        return "" if place is None else self.record.cells[place].strip()

    def parse_field(self, field: str, read: Callable[[str], T], default: T, required: bool = False) -> T:
        """The value of the field, `default` when it is absent or does not fit."""
        place = self._index.get(field)
        cell = "" if place is None else self.record.cells[place].strip()
        if len(cell) < 5 and fold(cell) in _ABSENT:
            if required:
                self.complain(field, gettext("is missing"))
            return default
        try:
            return read(cell)
        except CellError as error:
            self.complain(field, str(error))
            return default

    def complain(self, field: str, reason: str, severity: str = "error") -> None:
        """Note a problem of this row."""
        self.problems.append(self.make_problem(field, reason, severity))

    def make_problem(self, field: str, reason: str, severity: str = "error") -> Problem:
        """A problem of this row, not noted yet."""
        return Problem(self.record.line, self.names.get(field, field), reason, self.record.raw, severity)

    @property
    def has_errors(self) -> bool:
        """Whether a problem keeps this row out."""
        return any(problem.severity == "error" for problem in self.problems)


class SeenIds:
    """The ids a file has named so far: a second row of an id is an error, or a mere repeat when it says the same."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[int, int]] = {}

    def check(self, row: Row, field: str, value: str) -> None:
        """Note the id of a row, or the problem with it."""
        if not value:
            return
        line, content = self._rows.setdefault(value, (row.record.line, hash(row.record.raw)))
        if line == row.record.line:
            return
        if content == hash(row.record.raw):
            row.complain(field, gettext("repeats line %(line)s", line=line), "warning")
        else:
            row.complain(field, gettext("stands on line %(line)s already, with other values", line=line))


def identifier(cell: str) -> str:
    """An id: short, in one line."""
    if len(cell) > MAX_ID:
        raise CellError(gettext("longer than %(most)s characters", most=MAX_ID))
    if not cell.isprintable():
        raise CellError(gettext("a line break, tab or invisible character in an id"))
    if _FORMULA.match(cell):
        raise CellError(gettext("reads like a spreadsheet formula"))
    return unicodedata.normalize("NFC", cell)


def short_text_parser(limit: int) -> Callable[[str], str]:
    """One line of text, cleaned."""

    def read(cell: str) -> str:
        text = clean_line(cell)
        if is_blank(text):
            raise CellError(gettext("nothing of it can be seen"))
        if len(text) > limit:
            raise CellError(gettext("longer than %(most)s characters", most=limit))
        if _FORMULA.match(text):
            raise CellError(gettext("reads like a spreadsheet formula"))
        return text

    return read


def long_text(cell: str) -> str:
    """Text with its paragraphs, cleaned."""
    text = clean_text(cell)
    if len(text) > MAX_TEXT:
        raise CellError(gettext("longer than %(most)s characters", most=MAX_TEXT))
    if _FORMULA.match(text):
        raise CellError(gettext("reads like a spreadsheet formula"))
    return text


def level(cell: str) -> Level | None:
    """A level, by its usual names."""
    try:
        named = LEVEL_WORDS[" ".join(fold(cell).replace("-", " ").replace("_", " ").split())]
        return None if named is None else Level(named)
    except KeyError:
        raise CellError(gettext("%(cell)r is no level: beginner, intermediate or advanced", cell=cell[:40])) from None


def number(cell: str) -> float:
    """A finite number, as a program or a person writes it."""
    try:
        value = float(cell) if _PROGRAMS_NUMBER.fullmatch(cell) else float(parse_number(cell))
    except ValueError:
        raise CellError(gettext("%(cell)r is not a number", cell=cell[:40])) from None
    if not math.isfinite(value):
        raise CellError(gettext("%(cell)r is not a number", cell=cell[:40]))
    return value


def number_between(low: float, high: float) -> Callable[[str], float]:
    """A number from `low` to `high`."""

    def read(cell: str) -> float:
        value = number(cell)
        if not low <= value <= high:
            raise CellError(gettext("%(cell)s is not from %(low)s to %(high)s", cell=cell[:40], low=f"{low:,.12g}", high=f"{high:,.12g}"))
        return value

    return read


def minutes(cell: str, unit: Fraction = Fraction(1)) -> int:
    """A duration in whole minutes, at least one; a cell counts in `unit` minutes."""
    value = number(cell) * unit.numerator / unit.denominator
    if value <= 0:
        raise CellError(gettext("a duration is more than 0"))
    if value > 60 * 24 * 365:
        raise CellError(gettext("longer than a year"))
    return max(round(value), 1)


def week_minutes(cell: str) -> int:
    """Minutes a week somebody has."""
    return round(number_between(1, 7 * 24 * 60)(cell))


def yes_or_no(cell: str) -> bool:
    """A cell that says yes or no."""
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    try:
        return words[fold(cell)]
    except KeyError:
        raise CellError(gettext("%(cell)r is neither true nor false", cell=cell[:40])) from None


def language(cell: str) -> str:
    """A language tag such as en or pt-BR, in its usual spelling."""
    try:
        tag = language_tag(cell)
    except ValueError:
        raise CellError(gettext("%(cell)r is no language code such as en", cell=cell[:40])) from None
    if len(tag) > _LONGEST_TAG:
        raise CellError(gettext("%(cell)r is longer than a language and where it is spoken, such as pt-BR", cell=cell[:40]))
    return tag


def moment(cell: str) -> datetime:
    """A time: ISO 8601 (UTC where it says nothing else), a year, or seconds since the epoch; not in the future."""
    try:
        value = _moment(cell)
    except (ValueError, OverflowError, OSError):
        raise CellError(gettext("%(cell)r is no date or time (2026-03-14 or 2026-03-14T09:30:00Z)", cell=cell[:40])) from None
    if not _EARLIEST <= value <= now() + timedelta(days=1):
        raise CellError(gettext("%(cell)s lies in the future or before 1970", cell=cell[:40]))
    return value


def _moment(cell: str) -> datetime:
    if cell.isascii() and cell.replace(".", "", 1).isdigit():
        if len(cell) == 4:
            return datetime(int(cell), 1, 1, tzinfo=UTC)
        if len(cell) > 8:
            return datetime.fromtimestamp(float(cell), UTC)
    value = datetime.fromisoformat(cell)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def names(cell: str) -> tuple[str, ...]:
    """Several names in one cell: a list as Python or PostgreSQL print it, or separated by | or ; or commas; no repeats."""
    if cell[0] in "[{" and cell[-1] in "]}":
        parts = [first or second for first, second in _BRACKETED.findall(cell)] or cell[1:-1].split(",")
    else:
        separator = next((mark for mark in "|;" if mark in cell), ",")
        parts = cell.split(separator)
    cleaned = (clean_line(part) for part in parts)
    return tuple(dict.fromkeys(part for part in cleaned if not is_blank(part) and fold(part) not in _ABSENT))


def few_names(cell: str) -> tuple[str, ...]:
    """Several names in one cell, no more than a course or a person can have."""
    parsed = names(cell)
    if len(parsed) > _MOST_NAMES:
        raise CellError(gettext("%(names)s names; %(most)s at most", names=f"{len(parsed):,}", most=_MOST_NAMES))
    return parsed


def place_in_order(cell: str) -> int:
    """A place in an order: a whole number from 0."""
    value = int(cell) if cell.isdecimal() and len(cell) < 20 else number(cell)
    if value < 0 or value != int(value) or value > 10**9:
        raise CellError(gettext("%(cell)s is no place in an order (0, 1, 2 …)", cell=cell[:40]))
    return int(value)
