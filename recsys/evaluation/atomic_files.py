"""Atomic files: written whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from recsys.errors import DataError


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
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise DataError(f"Cannot write {path}: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline=newline) as file:
            yield file
        Path(name).chmod(0o644)  # mkstemp makes files that only their owner reads
        os.replace(name, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        if isinstance(error, OSError):
            raise DataError(f"Cannot write {path}: {error.strerror}") from error
        raise
