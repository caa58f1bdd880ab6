"""The tables of a test database, made at once instead of by each migration, and marked as what the migrations lead to."""

from sqlalchemy import text

from webapp.extensions import db
from webapp.readiness import known_migrations


def make_tables() -> None:
    """Needs an application context."""
    db.create_all()
    with db.engine.begin() as connection:
        connection.execute(text("create table alembic_version (version_num varchar(32) primary key)"))
        connection.execute(text("insert into alembic_version values (:newest)"), {"newest": known_migrations()[-1]})
