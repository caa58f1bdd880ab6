"""CSV as an answer: what people open in a spreadsheet and programs read."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import quote

from flask import Response

from webapp.support.csv_injection import spreadsheet_safe

_IN_MEMORY = 1_000_000
_PART = 65_536


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A download called `name`.csv, kept by no cache. Rows may be many: past a megabyte they wait in a file that has no name.

    UTF-8 with a byte order mark, without which Excel reads umlauts as two letters; CRLF after each row (RFC 4180). Numbers stand
    as they are, times in UTC, and text that a spreadsheet would take for a formula after an apostrophe.
    """
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - a long answer reads from it while it is sent
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    plain, quoted = csv.writer(text), csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    for row in chain([header], rows):
        cells = [_cell(value) for value in row]
        # LibreOffice takes these for separators too, unless they stand in quotes.
        (quoted if any(";" in cell or "\t" in cell for cell in cells if isinstance(cell, str)) else plain).writerow(cells)
    text.detach()
    size = file.tell()
    file.seek(0)
    answer = Response(_read_chunks(file) if size > _IN_MEMORY else b"".join(_read_chunks(file)), content_type="text/csv; charset=utf-8")
    answer.call_on_close(file.close)
    answer.content_length = size
    answer.headers.set("Content-Disposition", "attachment", **_filename_parameters(name))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _read_chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART):
            yield part


def _filename_parameters(name: str) -> dict[str, str]:
    """The parameters of a file name: as it is where ASCII can say it, else with the plain one beside it (RFC 6266)."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    return {"filename": f"{plain}.csv"} | ({} if name.isascii() else {"filename*": f"UTF-8''{quote(name, safe='')}.csv"})


def _cell(value: Any) -> Any:
    """A value as a cell. A day stays that day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | float) else spreadsheet_safe(str(value))
