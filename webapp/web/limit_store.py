"""Counts of guesses in a file of the instance folder, so that all workers of a machine count together.

Counted in memory, each worker would allow the whole number again. Importing this module makes `file:///path` known to limits.
"""

import sqlite3
import time
from contextlib import closing
from typing import Any

from limits.storage import Storage

_TABLE = "create table if not exists counts (key text primary key, count integer not null, expires real not null) without rowid"
_ADD = "insert into counts values (?, ?, ?) on conflict (key) do update set count = count + excluded.count returning count"


class FileStorage(Storage):
    """A small SQLite file beside the database: each call is one statement of its own, and what has run out goes."""

    STORAGE_SCHEME = ["file"]  # noqa: RUF012 - as limits declares it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = (uri or "").removeprefix("file://")
        self._do("pragma journal_mode = wal")
        self._do(_TABLE)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What can go wrong here."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count; the first one starts its window of `expiry` seconds."""
        self._do("delete from counts where expires <= ?", time.time())
        row = self._do(_ADD, key, amount, time.time() + expiry)
        return int(row[0]) if row else amount

    def get(self, key: str) -> int:
        """The count in the present window."""
        row = self._do("select count from counts where key = ? and expires > ?", key, time.time())
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        """When the window of this count ends, in seconds since 1970."""
        row = self._do("select expires from counts where key = ?", key)
        return float(row[0]) if row else time.time()

    def check(self) -> bool:
        """Whether the file answers."""
        try:
            self._do("select 1")
        except sqlite3.Error:
            return False
        return True

    def reset(self) -> int | None:
        """Forget every count."""
        self._do("delete from counts")
        return None

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._do("delete from counts where key = ?", key)

    def _do(self, statement: str, *values: Any) -> Any:
        with closing(sqlite3.connect(self._path, timeout=5, isolation_level=None)) as connection:
            connection.execute("pragma synchronous = off")  # a power cut may cost some counts
            return connection.execute(statement, values).fetchone()
