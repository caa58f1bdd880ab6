"""Disk reserve: room beside a SQLite database that a file keeps, given up when the disk is full, so that people can still sign in."""

import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL

from webapp.support.sqlite_file import sqlite_file

RESERVE_BYTES = 8 * 2**20
"""Thousands of sessions: SQLite's log is used again from its beginning, and a session takes less than a page of the database."""
_LEAST_BYTES = 4 * 2**20
"""With less room than this a disk counts as full: SQLite may not be able to open the database and write to it."""


def keep_reserve(database: URL) -> None:
    """Take the reserve, where the disk has four times as much. Nothing happens where it is kept already, or the database is no file."""
    path = _reserve_of(database)
    if path is None or path.exists() or _free_bytes(path) < 4 * RESERVE_BYTES:
        return
    try:
        # Random bytes: file systems that compress keep zeros in no room at all.
        path.write_bytes(os.urandom(RESERVE_BYTES))
    except OSError:
        give_up_reserve(database)


def give_up_reserve(database: URL) -> bool:
    """Free the reserve; whether there was any."""
    path = _reserve_of(database)
    with suppress(OSError):
        if path is not None:
            path.unlink()
            return True
    return False


def is_full(database: URL) -> bool:
    """Whether the disk of the database has too little room to serve from; what the reserve holds does not count."""
    path = _reserve_of(database)
    return path is not None and _free_bytes(path) < _LEAST_BYTES


def has_reserve(database: URL) -> bool:
    """Whether there is room that can still be given up."""
    path = _reserve_of(database)
    return path is not None and path.is_file()


def has_room(database: URL) -> bool:
    """Whether the disk of the database has room for what may as well be left out, without the reserve."""
    path = _reserve_of(database)
    return path is None or _free_bytes(path) >= 2 * RESERVE_BYTES


def _reserve_of(database: URL) -> Path | None:
    file = sqlite_file(database)
    return None if file is None else Path(f"{file}-reserve")


def _free_bytes(path: Path) -> int:
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return 0
    return disk.f_bavail * disk.f_frsize
