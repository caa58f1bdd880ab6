"""CSV records one by one; broken ones are survived: every record knows its line, a bad one its reason.

The standard reader gives up, or swallows the rest of the file, at a quote that is never closed. Here a record over several
lines that does not end, or does not have the header's columns, is bad with its first line alone, and reading goes on with
the second. Whatever the file holds, no more of it than one record is in memory.
"""

import csv
import gzip
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import IO, cast

from webapp.importing.problems import ImportRefused
from webapp.support.messages import gettext

_MOST_LINES = 500  # a quoted text with more line breaks than this is taken for an unclosed quote
_LONGEST_LINE = 1_000_000  # characters; of longer ones only the beginning is kept
_LONGEST_RECORD = 2_000_000  # characters; a longer quoted text is taken for an unclosed quote
_LONGEST_CELL = 131_072  # characters, as the CSV reader has it
_MOST_COLUMNS = 500
_SHOWN_OF_LONG = 1_000  # characters
_LONGEST_HEADER = 10_000  # characters
_MOST_UNPACKED = 16 * 2**30  # bytes
_MOST_TIMES_PACKED = 200  # CSV packs 3 to 30 times; a bomb a thousand times
_MAY_PACK_ANYHOW = 64 * 2**20  # bytes; as small files of zeros do
_DELIMITERS = ",;\t|"
_UNREADABLE = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(slots=True)
class Record:
    """A row of the file. `cells` has as many values as the header, unless `reason` says why the row cannot be read."""

    line: int
    raw: str
    cells: list[str]
    reason: str | None = None


class Records:
    """The rows of a CSV file, plain or gzipped. Raises ImportRefused when it is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw = _open_regular_file(path)
        self._again: deque[str] = deque()
        self._line = 0
        self.size = max(path.stat().st_size, 1)
        try:
            self._text = _open_text(self._raw, path)
            self.delimiter, self.header = self._read_header()
        except ImportRefused:
            self._raw.close()
            raise

    def __enter__(self) -> "Records":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._text.close()
        self._raw.close()

    @property
    def share_read(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return min(self._raw.tell() / self.size, 1.0)

    def __iter__(self) -> Iterator[Record]:
        width, delimiter = len(self.header), self.delimiter
        while (first := self._next_line()) is not None:
            if not first.strip():
                continue
            line = self._line
            record = self._record(first, line, width, delimiter)
            if record.reason is None:
                record.reason = _unfit_reason(record, width)
            yield record

    def _record(self, first: str, line: int, width: int, delimiter: str) -> Record:
        """The record that begins with a line."""
        if len(first) > _LONGEST_LINE:
            return Record(line, first[:_SHOWN_OF_LONG], [], gettext("longer than %(most)s characters", most=f"{_LONGEST_LINE:,}"))
        if '"' in first:
            return self._read_quoted_record(first, line)
        columns = first.count(delimiter) + 1
        if columns > width:
            return Record(line, first, [], _column_count_message(width, columns))
        return Record(line, first, first.rstrip("\r\n").split(delimiter))

    def _next_line(self) -> str | None:
        if self._again:
            self._line += 1
            return self._again.popleft()
        try:
            line = self._text.readline(_LONGEST_LINE + 1)
            rest = line
            while len(rest) > _LONGEST_LINE and not rest.endswith("\n"):
                rest = self._text.readline(_LONGEST_LINE + 1)
        except (EOFError, OSError, zlib.error) as error:
            raise ImportRefused(
                gettext("%(file)s is damaged after line %(line)s: %(error)s", file=self.path.name, line=self._line, error=error)
            ) from error
        if not line:
            return None
        self._line += 1
        return line

    def _put_back(self, lines: list[str]) -> None:
        self._again.extendleft(reversed(lines))
        self._line -= len(lines)

    def _read_quoted_record(self, first: str, line: int) -> Record:
        """The record that begins with a line with quotes in it. The CSV reader says where it ends: a stray quote opens nothing."""
        lines = [first]
        try:
            cells, reason = next(csv.reader(self._iter_record_lines(lines), delimiter=self.delimiter, strict=True)), None
        except csv.Error as error:
            cells, reason = [], _reason(error)
        if reason == _unclosed() or (len(lines) > 1 and (reason or len(cells) != len(self.header))):
            self._put_back(lines[1:])
            return Record(line, first, [], _unclosed())
        return Record(line, "".join(lines), cells, reason)

    def _iter_record_lines(self, lines: list[str]) -> Iterator[str]:
        """The lines of a record as they are asked for, noted in `lines`."""
        yield lines[0]
        length = len(lines[0])
        while len(lines) < _MOST_LINES and length <= _LONGEST_RECORD and (more := self._next_line()) is not None:
            lines.append(more)
            length += len(more)
            yield more

    def _read_header(self) -> tuple[str, list[str]]:
        first = self._next_line()
        while first is not None and not first.strip():
            first = self._next_line()
        if first is None:
            raise ImportRefused(gettext("%(file)s is empty.", file=self.path.name))
        delimiter = max(_DELIMITERS, key=first.count)
        if _CONTROL.search(first) or _UNREADABLE.search(first) or len(first) > _LONGEST_HEADER:
            raise ImportRefused(gettext("%(file)s is not a CSV file: its first line is no header of column names.", file=self.path.name))
        header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter))]
        if len(header) < 2:
            message = gettext(
                "%(file)s is not a CSV file: its first line holds one column only (%(column)r).", file=self.path.name, column=header[0][:60]
            )
            raise ImportRefused(message)
        if len(header) > _MOST_COLUMNS:
            raise ImportRefused(
                gettext(
                    "%(file)s has %(columns)s columns; %(most)s can be read.",
                    file=self.path.name,
                    columns=f"{len(header):,}",
                    most=_MOST_COLUMNS,
                )
            )
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise ImportRefused(gettext("%(file)s names a column twice: %(columns)s.", file=self.path.name, columns=", ".join(twice)))
        return delimiter, header


def _open_regular_file(path: Path) -> BufferedReader:
    if path.exists() and not path.is_file():  # a pipe waits for a writer, a device has no end, and either can be read only once
        raise ImportRefused(gettext("%(file)s is no file.", file=path))
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise ImportRefused(gettext("There is no file %(file)s.", file=path)) from error
    except OSError as error:
        raise ImportRefused(gettext("%(file)s cannot be read: %(error)s.", file=path, error=error.strerror)) from error


def _open_text(raw: BufferedReader, path: Path) -> TextIOWrapper:
    start = raw.peek(4)[:4]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ImportRefused(gettext("%(file)s is UTF-16: save it as CSV in UTF-8.", file=path.name))
    if start == b"PK\x03\x04":
        raise ImportRefused(gettext("%(file)s is a spreadsheet or a ZIP archive: save it as CSV (UTF-8), or unpack it.", file=path.name))
    stream = _BoundedGzipFile(raw, path) if start[:2] == b"\x1f\x8b" else raw
    return TextIOWrapper(cast(IO[bytes], stream), encoding="utf-8-sig", errors="surrogateescape", newline="")


class _BoundedGzipFile(gzip.GzipFile):
    """A gzipped file that is no bomb: refused once it has given more than text packed so small can hold."""

    def __init__(self, raw: BufferedReader, path: Path) -> None:
        super().__init__(fileobj=raw, mode="rb")
        self._path, self._packed, self._given = path, max(path.stat().st_size, 1), 0

    def read1(self, size: int = -1) -> bytes:
        """What can be read at once. Raises ImportRefused."""
        data = super().read1(size)
        self._given += len(data)
        if self._given > max(_MOST_TIMES_PACKED * self._packed, _MAY_PACK_ANYHOW) or self._given > _MOST_UNPACKED:
            message = gettext(
                "%(file)s unpacks to more than %(bytes)s bytes: no data look like that. Unpack it first.",
                file=self._path.name,
                bytes=f"{self._given:,}",
            )
            raise ImportRefused(message)
        return data


def _unclosed() -> str:
    return gettext("a quote is opened and not closed")


def _column_count_message(width: int, columns: int) -> str:
    return gettext("%(expected)s columns are expected, %(found)s found", expected=width, found=f"{columns:,}")


def _reason(error: csv.Error) -> str:
    """What the CSV reader objects to, in words."""
    if "unexpected end" in str(error):
        return _unclosed()
    if "field limit" in str(error):
        return gettext("a value is longer than %(most)s characters", most=f"{csv.field_size_limit():,}")
    return gettext("quotes stand in the middle of a value")


def _unfit_reason(record: Record, width: int) -> str | None:
    """Why a record cannot be used as it stands, whatever its columns mean."""
    if len(record.cells) != width:
        return _column_count_message(width, len(record.cells))
    if len(record.raw) > _LONGEST_CELL and max(map(len, record.cells)) > _LONGEST_CELL:
        return gettext("a value is longer than %(most)s characters", most=f"{_LONGEST_CELL:,}")
    if not record.raw.isascii() and _UNREADABLE.search(record.raw):
        return gettext("not readable as UTF-8")
    if not record.raw.isprintable() and _CONTROL.search(record.raw):
        return gettext("control characters (such as NUL) in the text")
    return None
