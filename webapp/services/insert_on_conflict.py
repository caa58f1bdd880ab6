"""INSERT … ON CONFLICT for the database at hand: SQLite and PostgreSQL agree on the clause, not on the class."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from webapp.extensions import db


def insert_for(model: Any) -> Any:
    """An INSERT into the model's table that offers `on_conflict_do_nothing` and `on_conflict_do_update`."""
    make = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return make(model)
