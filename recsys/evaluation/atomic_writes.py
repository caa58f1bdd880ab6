"""Atomic writes: a file appears whole or not at all."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from recsys.draft_files import open_draft_file
from recsys.errors import DataError
from recsys.faults import Fault


def write_atomically(path: Path, text: str) -> None:
    """Write `text` to `path`; see `atomic_file`."""
    with atomic_file(path) as file:
        file.write(text)


@contextlib.contextmanager
def atomic_file(path: Path, newline: str | None = None) -> Iterator[TextIO]:
    """A text file beside `path` that is moved there at the end, so that an interrupted run leaves the old file or none.

    Raises DataError when the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft, file = open_draft_file(path.parent, f".{path.name}.", ".part", newline)
    except OSError as error:
        raise DataError(Fault.FILE_NOT_WRITTEN, file=path, error=error.strerror) from error
    try:
        with file:
            yield file
        draft.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        if isinstance(error, OSError):
            raise DataError(Fault.FILE_NOT_WRITTEN, file=path, error=error.strerror) from error
        raise
