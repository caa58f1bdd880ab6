"""The unit of work: the only module that commits.

A request, a job and a command each run inside one `unit_of_work`. Reads see one snapshot; on SQLite a write takes the
write lock at its BEGIN, because a reader that turns writer late would fail at once when somebody wrote in between.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from webapp.extensions import db
from webapp.support.open_file import identity

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 10  # a database server that does not answer at all is given up after that

_writes: ContextVar[bool] = ContextVar("unit_of_work_writes", default=True)
_durable: ContextVar[bool] = ContextVar("unit_of_work_durable", default=True)
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
    durable = _durable.set(False)  # nobody was told that these are stored: a power cut may cost the last of them
    try:
        for write in deferred:
            write()
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("deferred_write_failed", count=len(deferred))
    finally:
        _durable.reset(durable)


def _run_hooks() -> None:
    for hook in _after_commit.get() or []:
        try:
            hook()
        except Exception:
            log.exception("after_commit_failed", hook=getattr(hook, "__name__", repr(hook)))


def prepare_engine(engine: Engine) -> None:
    """On SQLite: WAL, foreign keys, a busy timeout, a BEGIN that fits what the unit of work is about to do, and no work on a file
    that is gone. On PostgreSQL: no endless wait for a server that does not answer."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
        return

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        options.setdefault("connect_timeout", CONNECT_SECONDS)


def _prepare_sqlite(engine: Engine) -> None:
    path = engine.url.database or ":memory:"
    opened_once = False

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, _arguments: Any, _options: Any) -> None:
        # SQLite makes a file that is missing: an empty database in place of one that vanished would look like a new site.
        if opened_once and path != ":memory:" and identity(path) is None:
            raise sqlite3.OperationalError("the database file is gone")

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        nonlocal opened_once
        connection.isolation_level = None  # the driver would begin by itself, and too late
        for pragma in ("busy_timeout=15000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        record.info.update(durable=True, files={name: identity(name) for name in (path, f"{path}-wal")})
        opened_once = True

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = _writes.get()
        if writes:
            _set_durability(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        _refuse_lost_file(engine, connection)

    @event.listens_for(engine, "commit")
    def commit(connection: Connection) -> None:
        if _writes.get():
            _refuse_lost_file(engine, connection)


def _set_durability(connection: Connection) -> None:
    """FULL flushes the log at each commit, NORMAL at each checkpoint only; it can be changed between transactions."""
    info, durable = connection.connection.info, _durable.get()
    if info["durable"] != durable:
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        info["durable"] = durable


def _refuse_lost_file(engine: Engine, connection: Connection) -> None:
    """Nothing is read from or written to a database that was removed or replaced; the next connection opens what is there now."""
    files: dict[str, Any] = connection.connection.info["files"]
    present = {name: identity(name) for name in files}
    if all(known in (None, present[name]) for name, known in files.items()):
        files.update(present)  # the log is made by the first transaction
        return
    connection.invalidate()
    engine.dispose()
    raise OperationalError("BEGIN", None, sqlite3.OperationalError("the database file was removed or replaced"))
