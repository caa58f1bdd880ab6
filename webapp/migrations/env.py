"""Alembic's environment: the application's engine, batch mode on SQLite, no shadow tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

database = current_app.extensions["migrate"].db
config = context.config


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave the tables of full-text indexes and the job locks alone; they are made by hand."""
    return not (kind == "table" and name is not None and name.startswith("fts_"))


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our column types as what they are in the database: migrations outlive the classes."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "StrEnumType":
        return "sa.String(24)"
    if kind == "type" and type(item).__name__ == "CompressedJson":
        return "sa.LargeBinary()"
    if kind == "type" and type(item).__name__ == "RunMessageType":
        return "sa.String(300)"
    return False


def drop_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Write no revision when nothing has changed."""
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite changes a constraint by making the table anew, and dropping the old one would delete what points at it.

    The switch works between transactions only: before the first migration begins and after the last has ended, so that each of them is
    applied as a whole or not at all.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()  # what failed; nothing where all went well
        driver.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    """Run the migrations on the application's engine."""
    options = {
        "target_metadata": database.metadata,
        "include_name": include_name,
        "render_item": render_item,
        "process_revision_directives": drop_empty,
        **current_app.extensions["migrate"].configure_args,
    }
    with database.engine.connect() as connection, without_foreign_keys(connection):
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()


run()
