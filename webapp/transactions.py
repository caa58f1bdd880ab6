"""The unit of work: the only module that commits.

A request, a job and a command each run inside one `unit_of_work`. One that reads sees one snapshot, and the database itself refuses
it every write (`PRAGMA query_only`, `SET TRANSACTION READ ONLY`). On SQLite a write takes the write lock at its BEGIN, because a
reader that turns writer late would fail at once when somebody wrote in between.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import URL, CursorResult, Engine, Executable, event
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import IntegrityError, OperationalError

from webapp.extensions import db
from webapp.support.disk_reserve import has_room
from webapp.support.file_identity import device_and_inode
from webapp.support.sqlite_file import sqlite_file

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 10  # a database server that does not answer at all is given up after that
_LOG_WAIT = 1.0  # seconds
_WRITE_PATIENCE_MS, _OPTIONAL_PATIENCE_MS = 15_000, 1_000
"""How long a write waits for that of another process; what may be left out keeps no page waiting that is ready."""
_SERVED_CACHE = "cache_size=-512"  # KiB a connection, instead of 2,000: each thread has one, and the kernel keeps the file for all
_PRAGMAS = (
    f"busy_timeout={_WRITE_PATIENCE_MS}",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "secure_delete=ON",  # zeros over what is deleted: an erased person is not left on free pages
)


@dataclass(frozen=True, slots=True)
class DeferredWrite:
    """A write that waits for the end of a reading unit of work; the unit fails with it where it is `required`."""

    write: Callable[[], None]
    required: bool


_writes: ContextVar[bool] = ContextVar("unit_of_work_writes", default=True)
_may_defer: ContextVar[bool] = ContextVar("unit_of_work_may_defer", default=True)
_durable: ContextVar[bool] = ContextVar("unit_of_work_durable", default=True)
_patience_ms: ContextVar[int] = ContextVar("write_patience", default=_WRITE_PATIENCE_MS)
_after_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit", default=None)
_deferred: ContextVar[list[DeferredWrite] | None] = ContextVar("deferred_writes", default=None)
_drops_optional: ContextVar[bool] = ContextVar("drops_optional_writes", default=False)
_drops_required: ContextVar[bool] = ContextVar("drops_required_writes", default=False)
_best_effort: ContextVar[bool] = ContextVar("best_effort", default=False)


class Abandon(Exception):
    """Raised inside a unit of work to roll it back without an error to the caller."""


class LostWriteError(RuntimeError):
    """What must not be lost is written where it may be: a mistake in our code, passed on where a failure is only logged."""


@contextmanager
def unit_of_work(writes: bool = True, may_defer: bool = True, durable: bool = True) -> Iterator[None]:
    """Commit what the block did, or roll all of it back when it raises.

    `writes=False`: the block only reads, and the database refuses anything else. What it wants written goes through `defer_write`;
    with `may_defer=False` that is refused too. `durable=False`: nobody is told that what it writes is stored, so a power cut may cost it.
    Raises RuntimeError inside another one, whose first half it would commit.
    """
    if _after_commit.get() is not None:
        raise RuntimeError("this is inside a unit of work already; a part that may fail by itself is a `savepoint`")
    hooks: list[Callable[[], None]] = []
    writing, deferring, hooking, deferred = _writes.set(writes), _may_defer.set(may_defer), _after_commit.set(hooks), _deferred.set([])
    lasting = _durable.set(durable)
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
    finally:
        _after_commit.reset(hooking)  # first: a signal that raises here would else leave all later units inside this one
        _writes.reset(writing)
        _may_defer.reset(deferring)
        _deferred.reset(deferred)
        _durable.reset(lasting)
    _run_hooks(hooks)  # outside: a hook that writes has a unit of work of its own


@contextmanager
def without_deferred_writes(required: bool = True) -> Iterator[None]:
    """Reading units of work within the block drop what they would write at their end: pages that nobody asked for leave no trace.

    `required=False`: what is required and bookkeeping are written all the same, as somebody did ask, who is shown nothing.
    """
    dropping, dropping_required = _drops_optional.set(True), _drops_required.set(required)
    try:
        yield
    finally:
        _drops_optional.reset(dropping)
        _drops_required.reset(dropping_required)


def drops_optional_writes() -> bool:
    """Whether what a reading unit of work would write at its end, and may leave out, is dropped: then it need not be put together."""
    return _drops_optional.get()


@contextmanager
def _failing_alone() -> Iterator[None]:
    """What runs in the block may fail by itself, in units of work of its own too: nobody is told."""
    failing = _best_effort.set(True)
    try:
        yield
    finally:
        _best_effort.reset(failing)


def refuse_where_failure_is_only_logged() -> None:
    """Raise LostWriteError where what fails is only logged, so that nobody is told: in an after-commit hook, in a deferred write that is
    not required."""
    if _best_effort.get():
        raise LostWriteError("this is never best effort: not in an after-commit hook, not in a deferred write that is not required")


@contextmanager
def savepoint() -> Iterator[None]:
    """A part of a unit of work that is kept whole or not at all: when the block raises, its rows, its after-commit hooks and its
    deferred writes are dropped, and the unit of work goes on."""
    queues: list[list[Any]] = [queue for queue in (_after_commit.get(), _deferred.get()) if queue is not None]
    lengths = [len(queue) for queue in queues]
    db.session.flush()
    before = set(db.session.identity_map.all_states())
    try:
        with db.session.begin_nested():
            yield
    except BaseException:
        for queue, length in zip(queues, lengths, strict=True):
            del queue[length:]
        _forget_loaded_since(before)
        raise


def _forget_loaded_since(before: set[Any]) -> None:
    """What was read inside a savepoint may show what has been rolled back; SQLAlchemy expires only what was changed there."""
    for state in db.session.identity_map.all_states():
        if state not in before and (loaded := state.obj()) is not None:
            db.session.expire(loaded)


def read_rows(statement: Executable, **parameters: Any) -> CursorResult[*tuple[Any, ...]]:
    """The rows of a statement of columns, without the work that objects need; what the session still holds is written first.

    Statements that every page asks are built once (`functools.cache`) with `bindparam`: building one anew costs several times as much
    as SQLite needs to answer it.
    """
    db.session.flush()
    return db.session.connection().execute(statement, parameters)


def plain_rows(statement: Executable, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement as the driver gives them: for thousands of rows of numbers and text, which need no types of ours."""
    result = read_rows(statement, **parameters)
    rows = list(result.cursor.fetchall()) if result.cursor else []
    result.close()
    return rows


def checkpoint() -> None:
    """Make what a long job has done so far durable and go on (an import after each chunk, a job's progress)."""
    db.session.commit()


@contextmanager
def reading_part() -> Iterator[None]:
    """A part of a long unit of work that only reads. What was done before is made durable, and nobody who writes waits meanwhile: on
    SQLite the unit holds no lock until the block has ended."""
    checkpoint()
    writing = _writes.set(False)
    try:
        yield
        db.session.commit()  # ends what was read as of one moment
    finally:
        _writes.reset(writing)


def after_commit(hook: Callable[[], None]) -> None:
    """Run `hook` once the unit of work is durable: mail, cache. Not run when it is rolled back."""
    hooks = _after_commit.get()
    if hooks is None:
        raise RuntimeError("after_commit outside `with unit_of_work():`")
    hooks.append(hook)


def defer_write(write: Callable[[], None], required: bool = False, bookkeeping: bool = False) -> None:
    """Write at the end of a unit of work that reads, in a short transaction of its own; at once in one that writes.

    A failure is logged and costs the reader nothing (slates, views), unless the write is `required`: then the unit of work fails
    with it, as for an audit entry. Raises RuntimeError in a unit of work that promised to write nothing at all, but for `bookkeeping`:
    what the house notes by itself, whatever page is asked for (that a session is in use).
    """
    deferred = _deferred.get()
    if deferred is None or _writes.get():
        with nullcontext() if required else _failing_alone():  # the same rules as at the end of a unit that reads
            write()
        return
    if not (_may_defer.get() or bookkeeping):
        raise RuntimeError("this unit of work writes nothing; a GET that does is marked with @writes")
    if (_drops_required if required or bookkeeping else _drops_optional).get():
        return
    deferred.append(DeferredWrite(write, required))


def _run_deferred() -> None:
    """The required writes in a transaction of their own, so that the failure of another one does not take them along."""
    deferred = _deferred.get() or []
    _writes.set(True)
    required = [entry.write for entry in deferred if entry.required]
    if required:
        _write_all(required)
    optional = [entry.write for entry in deferred if not entry.required]
    durable = _durable.set(False)  # nobody was told that these are stored: a power cut may cost the last of them
    patience = _patience_ms.set(_OPTIONAL_PATIENCE_MS)
    try:
        if optional and has_room(database_url()):
            with _failing_alone():
                _write_all(optional)
    except LostWriteError:
        raise
    except Exception:
        db.session.rollback()
        log.exception("deferred_write_failed", count=len(optional))
    finally:
        _durable.reset(durable)
        _patience_ms.reset(patience)


def _write_all(writes: Sequence[Callable[[], None]]) -> None:
    for write in writes:
        write()
    db.session.commit()


def _run_hooks(hooks: Sequence[Callable[[], None]]) -> None:
    for hook in hooks:
        try:
            with _failing_alone():
                hook()
        except LostWriteError:
            raise
        except Exception:
            log.exception("after_commit_failed", hook=getattr(hook, "__name__", repr(hook)))


def truncate_wal() -> None:
    """Move SQLite's write-ahead log into the database and cut it to nothing, so that it holds no rows that are gone.

    Where somebody reads or writes for longer than a moment, the next call does it.
    """
    file = sqlite_file(database_url())
    if file is None:
        return
    with closing(sqlite3.connect(file, timeout=_LOG_WAIT)) as connection:
        busy, *_pages = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        log.warning("write_ahead_log_not_emptied")


def database_url() -> URL:
    """Where the application's database is."""
    return db.engine.engine.url  # in tests a connection stands in for the engine


def prepare_engine(engine: Engine, serves: bool = False) -> None:
    """A BEGIN that fits what the unit of work is about to do. On SQLite also _PRAGMAS, where pages are served _SERVED_CACHE, and no work on
    a file that is gone. On PostgreSQL no endless wait for a server that does not answer, and no rows in what it says of errors."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, (*_PRAGMAS, _SERVED_CACHE) if serves else _PRAGMAS)
        return

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        options.setdefault("connect_timeout", CONNECT_SECONDS)

    @event.listens_for(engine, "handle_error")
    def leave_out_rows(context: ExceptionContext) -> None:
        # Whoever breaks a rule is told the row that did, with the address and the password's hash of an account: not for logs.
        original, error = context.original_exception, context.sqlalchemy_exception
        if isinstance(error, IntegrityError) and (row := original.diag.message_detail):  # type: ignore[attr-defined]
            for failure in (original, error):
                failure.args = tuple(part.replace(row, "…") if isinstance(part, str) else part for part in failure.args)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not _writes.get():
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        elif (patience := _patience_ms.get()) != _WRITE_PATIENCE_MS:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience}")


def _prepare_sqlite(engine: Engine, pragmas: Sequence[str]) -> None:
    path = engine.url.database or ":memory:"
    opened_once = False

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, _arguments: Any, _options: Any) -> None:
        # SQLite makes a file that is missing: an empty database in place of one that vanished would look like a new site.
        if opened_once and path != ":memory:" and device_and_inode(path) is None:
            raise sqlite3.OperationalError("the database file is gone")

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        nonlocal opened_once
        connection.isolation_level = None  # the driver would begin by itself, and too late
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
        record.info.update(
            durable=True, patience=_WRITE_PATIENCE_MS, files={name: device_and_inode(name) for name in (path, f"{path}-wal")}
        )
        opened_once = True

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = _writes.get()
        if writes:
            _set_durability(connection)
            _set_patience(connection)
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
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


def _set_patience(connection: Connection) -> None:
    info, patience = connection.connection.info, _patience_ms.get()
    if info["patience"] != patience:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
        info["patience"] = patience


def _refuse_lost_file(engine: Engine, connection: Connection) -> None:
    """Refuse a database file that was removed or replaced: nothing is read or written; the next connection opens what is there now."""
    files: dict[str, Any] = connection.connection.info["files"]
    present = {name: device_and_inode(name) for name in files}
    if all(known in (None, present[name]) for name, known in files.items()):
        files.update(present)  # the log is made by the first transaction
        return
    connection.invalidate()
    engine.dispose()
    raise OperationalError("BEGIN", None, sqlite3.OperationalError("the database file was removed or replaced"))
