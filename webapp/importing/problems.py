"""Problems of rows, and the CSV file that lists them."""

import csv
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from webapp.services.errors import ServiceError
from webapp.support.csv_injection import spreadsheet_safe
from webapp.support.messages import gettext

HEADER = ("file", "line", "severity", "column", "reason", "row")
_MOST_TEXT = 1000
MOST_PROBLEMS = 100_000
"""More are counted, not listed: a small file can unpack to a hundred million lines, each with a problem."""


class ImportRefused(ServiceError):
    """The file as a whole cannot be imported; the message says what to do."""


class CellError(Exception):
    """A value that does not fit its column; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that is not imported (`error`), or imported with a doubt (`warning`). `column` is named as in the file."""

    line: int
    column: str
    reason: str
    row: str
    severity: str = "error"


class ProblemFile:
    """The CSV of problems of one import, made when the first one is written.

    A restarted import keeps what was said about lines it does not read again.
    """

    def __init__(self, path: Path, file_name: str, kept_to_line: int = 0) -> None:
        self.path, self.file_name = path, file_name
        self._file: TextIOWrapper | None = None
        self._listed = 0
        kept = [row for row in _read(path) if int(row["line"]) <= kept_to_line]
        path.unlink(missing_ok=True)
        self._write([tuple(row[name] for name in HEADER) for row in kept])

    def add(self, problems: list[Problem]) -> None:
        """Write the problems and flush them to the disk's cache, before the rows around them are committed."""
        room = MOST_PROBLEMS - self._listed
        if room <= 0:
            return
        listed = problems[:room]
        if len(problems) >= room:
            listed.append(Problem(listed[-1].line, "", gettext("further problems are counted, not listed"), "", "warning"))
        name = _safe_cell(self.file_name)
        self._write([(name, p.line, p.severity, *map(_safe_cell, (p.column, p.reason, p.row))) for p in listed])

    @property
    def was_created(self) -> bool:
        """Whether there is a file."""
        return self._file is not None

    def _write(self, rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            return
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(HEADER)
        csv.writer(self._file).writerows(rows)
        self._listed += len(rows)
        self._file.flush()

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()


def _read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        # A kill may have cut the last row off.
        return [row for row in csv.DictReader(file) if None not in row.values() and row["line"].isdigit()]


def _safe_cell(text: str) -> str:
    return spreadsheet_safe(text[:_MOST_TEXT])
