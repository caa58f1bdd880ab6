"""Migrations make exactly the tables the models describe, from nothing and back."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, make_url, text

from tests.settings import ADMIN_URL, test_settings
from webapp.extensions import db
from webapp.factory import create_app


@pytest.fixture
def empty_app(tmp_path, worker_id):
    if ADMIN_URL:
        name = f"waymark_migrations_{worker_id}"
        admin = create_engine(ADMIN_URL, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"drop database if exists {name} with (force)"))
            connection.execute(text(f"create database {name}"))
        admin.dispose()
        url = make_url(ADMIN_URL).set(database=name).render_as_string(hide_password=False)
    else:
        url = f"sqlite:///{tmp_path}/empty.db"
    app = create_app(test_settings(url, tmp_path / "instance"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_the_migrations_lead_to_the_models(empty_app) -> None:
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_all_the_way_back_leaves_nothing(empty_app) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]


def test_what_points_at_an_account_survives_its_table_being_made_anew(empty_app) -> None:
    flask_migrate.upgrade(revision="0003")
    user = (
        "insert into users (id, email, name, role, active, fs_uniquifier, created_at, is_sample{0}) "
        "values ({1}, '{2}', 'Ada', 'learner', true, 'x{1}', '2026-01-01', false{3})"
    )
    with db.engine.begin() as connection:
        connection.execute(text(user.format(", confirmed_at", 1, "ada@example.com", ", '2026-01-02'")))
        connection.execute(text("insert into profiles (user_id, timezone, language, theme) values (1, 'UTC', 'en', 'auto')"))
    flask_migrate.upgrade()
    with db.engine.begin() as connection:
        assert connection.execute(text("select user_id from profiles")).all() == [(1,)]
        connection.execute(text(user.format("", 2, "ada@example.com", "")))
        if db.engine.dialect.name == "sqlite":
            assert connection.execute(text("pragma foreign_keys")).scalar() == 1
            assert connection.execute(text("pragma foreign_key_check")).all() == []
    flask_migrate.downgrade(revision="0003")
    with db.engine.connect() as connection:
        assert connection.execute(text("select id, email from users order by id")).all() == [(1, "ada@example.com"), (2, None)]
        assert connection.execute(text("select user_id from profiles")).all() == [(1,)]
