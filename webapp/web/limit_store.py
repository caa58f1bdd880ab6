"""Counts of guesses in a file of the instance folder, so that all workers of a machine count together.

Counted in memory, each worker would allow the whole number again. Importing this module makes `file:///path` known to limits.
A file that cannot be used never keeps anybody from signing in: a damaged one is replaced, and while none can be written (disk full,
read-only, locked) this process counts in memory.
"""

import os
import sqlite3
import time
from contextlib import closing, suppress
from functools import cached_property
from typing import Any

import structlog
from limits.storage import MemoryStorage, Storage

log = structlog.get_logger(__name__)

_TABLE = "create table if not exists counts (key text primary key, count integer not null, expires real not null) without rowid"
_ADD = "insert into counts values (?, ?, ?) on conflict (key) do update set count = count + excluded.count returning count"
_EXPECTED = "select key, count, expires from counts limit 0"
_DAMAGED = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})  # the first: not our table
_LOCKED_SECONDS = 2.0
_CLOCK_STEP = 5.0
"""Seconds a clock may be set back without a count being lost."""
RETRY_SECONDS = 30.0
"""How long a file that failed is left alone."""


class FileStorage(Storage):
    """A small SQLite file beside the database: each call is one statement of its own, and what has run out goes."""

    STORAGE_SCHEME = ["file"]  # noqa: RUF012 - as limits declares it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = (uri or "").removeprefix("file://")
        self._retry_at = float("-inf")
        self._try(_EXPECTED)

    @property
    def base_exceptions(self) -> type[Exception]:
        """The errors of this store, which the limiter may catch."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count; the first one starts its window of `expiry` seconds. A window that would last longer than that was begun by
        a clock that was wrong."""
        moment = time.time()
        self._try("delete from counts where expires <= ? or (key = ? and expires > ?)", moment, key, moment + expiry + _CLOCK_STEP)
        done, row = self._try(_ADD, key, amount, time.time() + expiry)
        return int(row[0]) if done else self._memory.incr(key, expiry, amount)

    def get(self, key: str) -> int:
        """The count in the present window."""
        done, row = self._try("select count from counts where key = ? and expires > ?", key, time.time())
        return (int(row[0]) if row else 0) if done else self._memory.get(key)

    def get_expiry(self, key: str) -> float:
        """When the window of this count ends, in seconds since 1970."""
        done, row = self._try("select expires from counts where key = ?", key)
        return (float(row[0]) if row else time.time()) if done else self._memory.get_expiry(key)

    def check(self) -> bool:
        """Health of the store: whether its file answers."""
        return self._try(_EXPECTED)[0]

    def reset(self) -> int | None:
        """Forget every count."""
        self._try("delete from counts")
        return self._memory.reset()

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._try("delete from counts where key = ?", key)
        self._memory.clear(key)

    @cached_property
    def _memory(self) -> MemoryStorage:
        """Counts of this process, for times without a file. Made when first needed, as it starts a thread."""
        return MemoryStorage()

    def _try(self, statement: str, *values: Any) -> tuple[bool, Any]:
        """Whether the file took the statement, and its first row. After a failure the file is left alone for a while."""
        if time.monotonic() < self._retry_at:
            return False, None
        try:
            return True, self._run_mended(statement, *values)
        except (sqlite3.Error, OSError) as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            log.warning("limits_counted_in_memory", file=self._path, reason=str(error))
            return False, None

    def _run_mended(self, statement: str, *values: Any) -> Any:
        try:
            return self._execute_sql(statement, *values)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                raise
            log.warning("limits_file_replaced", file=self._path, reason=str(error))
        self._delete_files()
        return self._execute_sql(statement, *values)

    def _execute_sql(self, statement: str, *values: Any) -> Any:
        self._make()
        with closing(sqlite3.connect(self._path, timeout=_LOCKED_SECONDS, isolation_level=None)) as connection:
            connection.execute("pragma synchronous = off")  # a power cut may cost some counts
            return connection.execute(statement, values).fetchone()

    def _make(self) -> None:
        """An empty file with its table, readable by its owner alone: keys hold addresses of people."""
        with suppress(FileExistsError):
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(self._path, timeout=_LOCKED_SECONDS, isolation_level=None)) as connection:
                connection.execute("pragma journal_mode = wal")
                connection.execute(_TABLE)

    def _delete_files(self) -> None:
        """Delete the damaged file: counts of some minutes are lost, which is cheaper than a site nobody can sign in to."""
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.unlink(self._path + suffix)
