"""CSV as an answer: what people open in a spreadsheet and programs read."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import Response, send_file

from webapp.support.spreadsheet import spreadsheet_safe

_IN_MEMORY = 1_000_000


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A download called `name`.csv, kept by no cache. Rows may be many: past a megabyte they wait in a file that has no name.

    UTF-8 with a byte order mark, without which Excel reads umlauts as two letters; CRLF after each row (RFC 4180). Numbers stand
    as they are, times in UTC, and text that a spreadsheet would take for a formula after an apostrophe.
    """
    # The answer reads from it and closes it.
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(map(_cell, header))
    writer.writerows(map(_cell, row) for row in rows)
    text.flush()
    text.detach()
    file.seek(0)
    answer = send_file(file, mimetype="text/csv", as_attachment=True, download_name=f"{name}.csv")
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _cell(value: Any) -> Any:
    """A value as a cell. A day stays that day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | float) else spreadsheet_safe(str(value))
