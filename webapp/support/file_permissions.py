"""Files of an installation are nobody else's: database, mail, logs of imports, secrets, models."""

import os
from collections.abc import Iterator
from pathlib import Path

_OTHERS = 0o007
_FOLDERS = ("mail", "imports")


def restrict_new_files() -> None:
    """Set the umask so that only its own user can read what this process makes from now on."""
    os.umask(os.umask(0o077) | 0o077)


def restrict_existing_files(folder: Path, *more: Path) -> None:
    """Take from the rest of the world what it was given before, in a folder of an installation and of files elsewhere."""
    for path in (folder, *_files_in(folder), *more):
        try:
            mode = path.stat().st_mode
            if mode & _OTHERS:
                path.chmod(mode & 0o7777 & ~_OTHERS)
        except OSError:
            continue  # read-only, gone meanwhile or somebody else's: then it is theirs to decide


def _files_in(folder: Path) -> Iterator[Path]:
    for place in (folder, *(folder / name for name in _FOLDERS)):
        try:
            yield from place.iterdir()
        except OSError:
            continue
