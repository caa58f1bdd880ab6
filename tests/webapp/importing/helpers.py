"""Small files to import, and what came of them."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from webapp.extensions import db
from webapp.importing.layout import FileKind
from webapp.importing.run import ImportRequest, Report, import_file
from webapp.policies import System


def write(path: Path, *lines: str | bytes) -> Path:
    """A file with these lines, bytes as they are."""
    path.write_bytes(b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines))
    return path


def load(path: Path, kind: str | None = None, progress: Callable[[int, float], None] = lambda rows, share: None, **options: Any) -> Report:
    """Import a file as the system; problems go beside it."""
    request = ImportRequest(path, FileKind(kind) if kind else None, **options)
    return import_file(System(), request, path.parent / "imports", progress)


def problems(report: Report) -> list[dict[str, str]]:
    """The rows of the problem file."""
    assert report.problems_path is not None
    with report.problems_path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(model: Any, *columns: Any) -> list[tuple[Any, ...]]:
    """The columns of all rows of a model, in the order they were written."""
    return [tuple(row) for row in db.session.execute(db.select(*columns).select_from(model).order_by(model.id))]
