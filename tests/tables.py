"""The tables of a test database, made at once instead of by each migration, and marked as what the migrations lead to."""

from alembic.script import ScriptDirectory
from sqlalchemy import text

from webapp.extensions import db, migrate


def make_tables() -> None:
    """Needs an application context."""
    db.create_all()
    newest = ScriptDirectory(migrate.directory).get_current_head()
    with db.engine.begin() as connection:
        connection.execute(text("create table alembic_version (version_num varchar(32) primary key)"))
        connection.execute(text("insert into alembic_version values (:newest)"), {"newest": newest})
