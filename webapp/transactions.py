"""The unit of work: the only module that commits.

A request, a job and a command each run inside one `unit_of_work`. Reads see one snapshot; on SQLite a write takes the
write lock at its BEGIN, because a reader that turns writer late would fail at once when somebody wrote in between.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from webapp.extensions import db

log = structlog.get_logger(__name__)

_LOG_WAIT = 1.0  # seconds
_PRAGMAS = (
    "busy_timeout=15000",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "secure_delete=ON",  # zeros over what is deleted: an erased person is not left on free pages
)

_writes: ContextVar[bool] = ContextVar("unit_of_work_writes", default=True)
_after_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit", default=None)
_deferred: ContextVar[list[Callable[[], None]] | None] = ContextVar("deferred_writes", default=None)


class Abandon(Exception):
    """Raised inside a unit of work to roll it back without an error to the caller."""


@contextmanager
def unit_of_work(writes: bool = True) -> Iterator[None]:
    """Commit what the block did, or roll all of it back when it raises.

    `writes=False` promises that the block only reads; what it wants written goes through `defer_write`.
    """
    writing, hooks, deferred = _writes.set(writes), _after_commit.set([]), _deferred.set([])
    try:
        try:
            yield
            db.session.commit()
            _run_deferred()
        except Abandon:
            db.session.rollback()
            return
        except BaseException:
            db.session.rollback()
            raise
        _run_hooks()
    finally:
        _writes.reset(writing)
        _after_commit.reset(hooks)
        _deferred.reset(deferred)


def checkpoint() -> None:
    """Make what a long job has done so far durable and go on (an import after each chunk, a job's progress)."""
    db.session.commit()


def after_commit(hook: Callable[[], None]) -> None:
    """Run `hook` once the unit of work is durable: mail, cache. Not run when it is rolled back."""
    hooks = _after_commit.get()
    if hooks is None:
        raise RuntimeError("after_commit outside a unit of work")
    hooks.append(hook)


def defer_write(write: Callable[[], None]) -> None:
    """Write at the end of a unit of work that reads (slates, views), in a short transaction of its own.

    A failure there is logged and costs the reader nothing.
    """
    deferred = _deferred.get()
    if deferred is None or _writes.get():
        write()
    else:
        deferred.append(write)


def _run_deferred() -> None:
    deferred = _deferred.get() or []
    if not deferred:
        return
    _writes.set(True)
    try:
        for write in deferred:
            write()
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("deferred_write_failed", count=len(deferred))


def _run_hooks() -> None:
    for hook in _after_commit.get() or []:
        try:
            hook()
        except Exception:
            log.exception("after_commit_failed", hook=getattr(hook, "__name__", repr(hook)))


def empty_log() -> None:
    """On SQLite: move the write-ahead log into the database and cut it to nothing, so that it holds no rows that are gone.

    Where somebody reads or writes for longer than a moment, the next call does it.
    """
    url = db.engine.engine.url
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return
    with closing(sqlite3.connect(url.database, timeout=_LOG_WAIT)) as connection:
        busy, *_pages = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        log.warning("write_ahead_log_not_emptied")


def prepare_engine(engine: Engine) -> None:
    """On SQLite: see _PRAGMAS, and a BEGIN that fits what the unit of work is about to do."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin by itself, and too late
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes.get() else "BEGIN")
