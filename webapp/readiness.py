"""Whether pages can be served from the database as it is: asked at the start and by /readyz, with a connection of its own.

A connection that has been open for long answers from its memory about a file that is damaged or gone.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine, inspect, select, text
from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from webapp.extensions import db
from webapp.support.disk_reserve import has_reserve, is_full

MIGRATIONS = Path(__file__).parent / "migrations"
_PATIENCE_SECONDS = 5


class Fault(StrEnum):
    """What keeps pages from being served; the text is for anybody who asks /readyz."""

    MISSING = "missing"
    UNREACHABLE = "unreachable"
    DAMAGED = "damaged"
    READ_ONLY = "not writable"
    FULL = "no room on the disk"
    UNMIGRATED = "not at the newest migration: run flask db upgrade"
    FOREIGN = "of another application"
    UNKNOWN_MIGRATION = "at a migration that this version does not have"


_SENTENCES = {
    Fault.MISSING: "there is no database at {place}; “flask prepare” makes one.",
    Fault.UNREACHABLE: "the database at {place} does not answer ({detail}).",
    Fault.DAMAGED: "the database at {place} cannot be read ({detail}); bring back a backup.",
    Fault.READ_ONLY: "the database at {place} cannot be written to ({detail}).",
    Fault.FULL: "there is no room on the disk of the database at {place}.",
    Fault.UNMIGRATED: "the database at {place} is not at the newest migration ({detail}); run “flask db upgrade”.",
    Fault.FOREIGN: "the database at {place} is of another application ({detail}); name one of its own in WAYMARK_DATABASE_URL.",
    Fault.UNKNOWN_MIGRATION: "the database at {place} is at a migration that this version does not have ({detail}); use the version "
    "that made it, or bring back a backup.",
}


@dataclass(frozen=True, slots=True)
class DatabaseFault:
    """A fault, and what the machine says of it: `detail` may name files and is for who runs the server."""

    fault: Fault
    detail: str = ""


def database_fault(url: URL, may_be_new: bool = False) -> DatabaseFault | None:
    """What is wrong with the database; None when pages can be served from it.

    With `may_be_new` one that is still to be made or migrated is none: for commands that do this.
    """
    try:
        if url.get_backend_name() == "sqlite" and (fault := _file_fault(url, may_be_new)) is not None:
            return None if may_be_new and fault.fault is Fault.MISSING else fault
        with _open_connection(url) as connection:
            return _schema_fault(connection, may_be_new)
    except SQLAlchemyError as error:
        return DatabaseFault(_kind_of(error), _first_line(error))


def fault_sentence(fault: DatabaseFault, url: URL) -> str:
    """What is wrong and what to do, for who runs the server."""
    place = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    return "Waymark cannot start: " + _SENTENCES[fault.fault].format(place=place, detail=fault.detail)


def _file_fault(url: URL, may_be_new: bool) -> DatabaseFault | None:
    path = Path(url.database or "")
    present = path.is_file()
    if path.exists() and not present:
        return DatabaseFault(Fault.DAMAGED, "it is not a file")
    beside = [Path(f"{path}{ending}") for ending in ("", "-wal", "-shm")]
    for place in (path.parent, *(file for file in beside if file.exists())):
        if (present or may_be_new) and not os.access(place, os.W_OK):
            return DatabaseFault(Fault.READ_ONLY, f"{place} cannot be written to" if place.exists() else f"there is no folder {place}")
    if not present:
        return DatabaseFault(Fault.MISSING)
    # With the reserve unspent the next write that finds no room goes through all the same.
    return DatabaseFault(Fault.FULL) if is_full(url) and not has_reserve(url) else None


@contextmanager
def _open_connection(url: URL) -> Iterator[Connection]:
    if url.get_backend_name() == "sqlite":
        # mode=rw: a file that has just gone is not made anew.
        address = f"file:{quote(str(url.database))}?mode=rw"
        engine = create_engine(url, poolclass=NullPool, creator=lambda: sqlite3.connect(address, uri=True, timeout=_PATIENCE_SECONDS))
    else:
        engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": _PATIENCE_SECONDS})
    with engine.connect() as connection, closing(connection.begin()):
        yield connection


def _schema_fault(connection: Connection, may_be_new: bool) -> DatabaseFault | None:
    applied = _applied_migration(connection)  # also what finds a damaged file
    newest = known_migrations()[-1]
    if applied is not None and applied not in known_migrations():
        return DatabaseFault(Fault.UNKNOWN_MIGRATION, f"it is at {applied}, {newest} is the newest")
    if applied is None and (tables := _foreign_tables(connection)):
        return DatabaseFault(Fault.FOREIGN, f"it holds {', '.join(tables[:3])}, and no migration was ever applied")
    if may_be_new:
        return None
    if applied != newest:
        return DatabaseFault(Fault.UNMIGRATED, f"it is at {applied or 'none'}, {newest} is the newest")
    if connection.dialect.name == "postgresql" and connection.scalar(_IS_READ_ONLY):
        return DatabaseFault(Fault.READ_ONLY, "the server takes no writes")
    for table in db.metadata.sorted_tables:
        connection.execute(select(table).limit(1)).close()  # every column by name, and a page of each table read
    return None


def _foreign_tables(connection: Connection) -> list[str]:
    """Tables that no migration of ours has made. A file is one application's; a schema of a server may be shared as long as no name is
    that of one of our tables."""
    present = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
    return present if connection.dialect.name == "sqlite" else [name for name in present if name in db.metadata.tables]


_IS_READ_ONLY = text("select pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean")


# Alembic would say both too. It takes a server 8 MB, and each page's process needs no more of it than this.
_APPLIED = text("select version_num from alembic_version")


def _applied_migration(connection: Connection) -> str | None:
    applied: str | None = connection.scalar(_APPLIED) if inspect(connection).has_table("alembic_version") else None
    return applied


@lru_cache(maxsize=1)
def known_migrations() -> tuple[str, ...]:
    """Revisions of all migrations, oldest first: what the names of their files begin with."""
    return tuple(sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")))


def _kind_of(error: SQLAlchemyError) -> Fault:
    said = str(getattr(error, "orig", error)).lower()
    if isinstance(error, ProgrammingError) or "no such table" in said or "no such column" in said:
        return Fault.UNMIGRATED
    if "readonly" in said:
        return Fault.READ_ONLY
    # sqlite3 reports a file it cannot make sense of as the class itself, what lies outside of it as an OperationalError.
    if isinstance(error, DatabaseError) and not isinstance(error, OperationalError):
        return Fault.DAMAGED
    return Fault.UNREACHABLE


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
