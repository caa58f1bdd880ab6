"""Whether a file that is open is still the one at its path: a removed or replaced file takes writes that nobody will ever read."""

import os
from pathlib import Path

Identity = tuple[int, int]


def device_and_inode(path: str | Path) -> Identity | None:
    """Device and inode of what lies at the path; None when nothing does."""
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_dev, stat.st_ino
