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


def test_folded_columns_of_rows_there_are_get_filled(empty_app) -> None:
    flask_migrate.upgrade(revision="0003")
    with db.engine.begin() as connection:
        connection.execute(
            text("insert into topics (id, slug, name, hue, position) values (:id, :slug, :name, 1, 1)"),
            [{"id": n, "slug": f"s{n}", "name": f"École n° {n}"} for n in range(1, 5_003)],
        )
        connection.execute(
            text("insert into skills (slug, name, topic_id) values (:slug, :name, 5002)"), [{"slug": "istanbul", "name": "İstanbul"}]
        )
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert connection.scalar(text("select count(*) from topics where name_folded like 'ecole n%'")) == 5_002
        assert connection.execute(text("select name_folded, topic_id from skills")).all() == [("istanbul", 5_002)]
