"""Draft files: files and folders that get their name by a rename once they are whole, with the mode this process gives whatever it makes.

The standard library's temporary files are closed to everybody else, and a mode set afterwards would be open against the process's umask.
"""

import os
import secrets
from pathlib import Path
from typing import TextIO


def make_draft_folder(parent: Path, prefix: str) -> Path:
    """A new, empty folder under a name nobody has."""
    path = _unused(parent, prefix)
    path.mkdir()
    return path


def open_draft_file(parent: Path, prefix: str, suffix: str = "", newline: str | None = None) -> tuple[Path, TextIO]:
    """A new text file under a name nobody has, open for writing."""
    path = _unused(parent, prefix, suffix)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)  # less what the umask takes
    return path, os.fdopen(handle, "w", encoding="utf-8", newline=newline)


def _unused(parent: Path, prefix: str, suffix: str = "") -> Path:
    return parent / f"{prefix}{secrets.token_hex(8)}{suffix}"
