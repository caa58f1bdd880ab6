"""Counts SQL statements."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event

from webapp.extensions import db


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements executed inside the block; savepoints and PRAGMAs do not count."""
    seen: list[str] = []

    def note(_connection, _cursor, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA", "BEGIN")):
            seen.append(statement)

    bind = db.engine
    engine: Engine = bind.engine if isinstance(bind, Connection) else bind
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
