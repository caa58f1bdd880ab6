"""Who may run the scheduler: a lock that the operating system or the database takes back when its holder dies.

On SQLite all workers share a machine, and a locked file decides; on PostgreSQL they may not, and an advisory lock does.
"""

import fcntl
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from webapp.config import Settings

log = structlog.get_logger(__name__)

ADVISORY_KEY = 0x5741594D41524B  # "WAYMARK"; advisory locks are per database
_PATIENCE = {
    # Both ends notice within half a minute when the other machine is gone.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "connect_timeout": 10,
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c idle_session_timeout=0",
}


class Lock(Protocol):
    """Held by at most one process."""

    def acquire(self) -> bool:
        """Take the lock if it is free, without waiting; True when it is held now."""
        ...

    def held(self) -> bool:
        """Whether it is still ours."""
        ...

    def release(self) -> None:
        """Release the lock."""
        ...


class FileLock:
    """An flock on a file of the instance folder; the kernel lets go of it when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def acquire(self) -> bool:
        """Lock the file; False while another process holds it."""
        if self.held():
            return True
        self.release()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._file = file
        os.ftruncate(file, 0)
        os.pwrite(file, f"{socket.gethostname()} {os.getpid()}\n".encode(), 0)
        return self.held()

    def held(self) -> bool:
        """Locked, and the file is still the one others would try: a removed file would let a second one in."""
        if self._file is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._file), os.stat(self.path))
        except OSError:
            return False

    def release(self) -> None:
        """Release the lock by closing its file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class AdvisoryLock:
    """A PostgreSQL advisory lock on a connection of its own; the server lets go of it when the connection ends."""

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=_PATIENCE)
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        """Try the lock; False while another session holds it or the database does not answer."""
        if self.held():
            return True
        self.release()
        try:
            connection = self._engine.connect()
        except SQLAlchemyError:
            log.warning("scheduler_lock_unreachable", exc_info=True)
            return False
        try:
            got = bool(connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": ADVISORY_KEY}))
        except SQLAlchemyError:
            got = False
        if got:
            self._connection = connection
        else:
            connection.close()
        return got

    def held(self) -> bool:
        """The lock lives as long as its connection does."""
        if self._connection is None:
            return False
        try:
            return bool(self._connection.scalar(text("select 1")))
        except SQLAlchemyError:
            return False

    def release(self) -> None:
        """Unlock and close: the server notices a closed connection only some moments later."""
        if self._connection is None:
            return
        with suppress(SQLAlchemyError):  # a broken connection holds nothing
            self._connection.execute(text("select pg_advisory_unlock_all()"))
        self._connection.close()
        self._connection = None


def scheduler_lock(settings: Settings) -> Lock:
    """The lock that fits the database."""
    if settings.database_url.startswith("postgresql"):
        return AdvisoryLock(settings.database_url)
    return FileLock(settings.instance_dir / "scheduler.lock")
