"""/readyz says no when pages cannot be served, why, and yes again when they can."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from tests.factories import make_course, make_user
from tests.settings import ADMIN_URL, test_settings
from tests.tables import make_tables
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models.vocabulary import Topic
from webapp.support.disk_reserve import give_up_reserve, keep_reserve
from webapp.transactions import unit_of_work


@pytest.fixture
def database(separate_app: Flask) -> Path:
    """The file a served application has open."""
    assert separate_app.test_client().get("/readyz").status_code == 200
    file = Path(separate_app.extensions["settings"].database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")  # all of it is in the file, nothing in the log beside it
    return file


@pytest.fixture
def site(separate_app: Flask) -> FlaskClient:
    return separate_app.test_client()


def database_said(site: FlaskClient, status: int) -> str:
    answer = site.get("/readyz")
    assert answer.status_code == status, answer.text
    return answer.json["database"]


def add_topic(name: str) -> None:
    with unit_of_work():
        db.session.add(Topic(slug=name, name=name))


def topics() -> list[str]:
    with unit_of_work(writes=False):
        return list(db.session.scalars(select(Topic.slug).order_by(Topic.id)))


def test_a_vanished_database_is_noticed_and_no_write_goes_into_it(site: FlaskClient, database: Path) -> None:
    add_topic("before")
    database.rename(database.with_suffix(".away"))
    assert database_said(site, 503) == "missing"
    with pytest.raises(Exception, match="removed or replaced"):
        add_topic("into the void")
    with pytest.raises(Exception, match="is gone"):
        add_topic("into the void")
    page = site.get("/catalog")
    assert (page.status_code, "<html" in page.text) == (503, True)
    assert not database.exists()  # no empty one was made in its place
    database.with_suffix(".away").rename(database)
    assert database_said(site, 200) == "ok"
    add_topic("after")
    assert topics() == ["before", "after"]


def test_who_is_signed_in_is_told_too_and_goes_on_where_they_were(site: FlaskClient, database: Path, login) -> None:
    with unit_of_work():
        course, learner = make_course(), make_user()
    login(site, learner)
    address = f"/courses/{course.slug}"
    assert site.get("/").status_code == 200
    database.rename(database.with_suffix(".away"))
    for _ in range(2):
        answers = [site.get("/"), site.get(address), site.post(f"{address}/enroll"), site.get("/my")]
        assert [answer.status_code for answer in answers] == [503] * 4
        assert all("<html" in answer.text for answer in answers)
    database.with_suffix(".away").rename(database)
    assert site.post(f"{address}/enroll").status_code == 302
    assert site.get("/my").status_code == 200


def test_a_write_that_was_under_way_when_the_database_vanished_is_refused(separate_app: Flask, database: Path) -> None:
    def lose_it() -> None:
        with unit_of_work():
            db.session.add(Topic(slug="late", name="late"))
            db.session.flush()
            database.rename(database.with_suffix(".away"))

    with pytest.raises(Exception, match="removed or replaced"):
        lose_it()
    with closing(sqlite3.connect(database.with_suffix(".away"))) as connection:
        assert connection.execute("select slug from topics").fetchall() == []


def test_a_backup_that_is_put_in_place_is_what_is_read_and_written_from_then_on(site: FlaskClient, database: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(database.with_suffix(".backup"))) as target:
        source.backup(target)
    add_topic("after the backup")
    for ending in ("-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)
    database.with_suffix(".backup").rename(database)
    with pytest.raises(Exception, match="removed or replaced"):
        add_topic("lost")
    add_topic("into the new one")
    assert topics() == ["into the new one"]
    assert database_said(site, 200) == "ok"


def test_a_log_that_was_removed_from_under_the_database_is_noticed(separate_app: Flask, database: Path) -> None:
    add_topic("before")
    Path(f"{database}-wal").unlink()
    with pytest.raises(Exception, match="removed or replaced"):
        add_topic("into an unlinked log")
    add_topic("after")
    assert topics() == ["before", "after"]


@pytest.mark.parametrize("damage", [b"no database at all, but some text" * 400, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_database_is_told_from_a_missing_one(site: FlaskClient, database: Path, damage: bytes) -> None:
    db.session.remove()
    db.engine.dispose()
    database.write_bytes(damage)
    assert database_said(site, 503) == "damaged"
    page = site.get("/catalog")
    assert (page.status_code, "<html" in page.text) == (503, True)


def test_a_database_that_lost_its_end_is_not_served(site: FlaskClient, database: Path) -> None:
    db.session.remove()
    db.engine.dispose()
    os.truncate(database, database.stat().st_size // 8)
    assert database_said(site, 503) == "damaged"


def test_a_folder_in_its_place_is_no_database(site: FlaskClient, database: Path) -> None:
    db.session.remove()
    db.engine.dispose()
    database.unlink()
    database.mkdir()
    assert database_said(site, 503) == "damaged"


def test_a_full_disk_is_said(site: FlaskClient, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.statvfs(database.parent)
    monkeypatch.setattr(os, "statvfs", lambda _path: os.statvfs_result((*real[:4], 0, *real[5:])))
    assert database_said(site, 503) == "no room on the disk"


def test_the_reserve_counts_as_room_until_it_is_given_up(site: FlaskClient, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_reserve(db.engine.url)
    real = os.statvfs(database.parent)
    monkeypatch.setattr(os, "statvfs", lambda _path: os.statvfs_result((*real[:4], 0, *real[5:])))
    assert database_said(site, 200) == "ok"
    assert give_up_reserve(db.engine.url)
    assert database_said(site, 503) == "no room on the disk"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_database_that_cannot_be_written_to_is_not_ready(site: FlaskClient, database: Path) -> None:
    database.chmod(0o400)
    assert database_said(site, 503) == "not writable"


def test_a_missing_table_is_not_passed_over(site: FlaskClient, database: Path) -> None:
    with unit_of_work():
        db.session.execute(text("drop table notifications"))
    assert "flask db upgrade" in database_said(site, 503)


def test_tables_have_to_be_the_newest(empty_app: Flask) -> None:
    site = empty_app.test_client()
    assert "flask db upgrade" in database_said(site, 503)
    flask_migrate.upgrade(revision="0002")
    assert "flask db upgrade" in database_said(site, 503)
    flask_migrate.upgrade()
    assert database_said(site, 200) == "ok"


def test_a_later_version_of_the_tables_is_not_served_either(empty_app: Flask) -> None:
    make_tables()
    with db.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    assert "a migration that this version does not have" in database_said(empty_app.test_client(), 503)


@pytest.mark.skipif(not ADMIN_URL, reason="needs WAYMARK_TEST_DATABASE_URL")
def test_a_server_that_takes_no_writes_is_not_ready(empty_app: Flask) -> None:
    make_tables()
    name = db.engine.url.database
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"alter database {name} set default_transaction_read_only = on"))
    assert database_said(empty_app.test_client(), 503) == "not writable"


@pytest.mark.skipif(not ADMIN_URL, reason="needs WAYMARK_TEST_DATABASE_URL")
def test_no_page_fails_after_a_server_was_started_anew(committing_app: Flask) -> None:
    browser = committing_app.test_client()
    assert browser.get("/catalog").status_code == 200
    db.session.remove()
    end_others = text(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    )
    with create_engine(db.engine.url, poolclass=NullPool).connect() as connection:
        assert True in connection.scalars(end_others).all()
    assert browser.get("/catalog").status_code == 200


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql://u:secret@127.0.0.1:1/none"])
def test_without_a_database_pages_explain(tmp_path: Path, url: str) -> None:
    client = create_app(test_settings(url, tmp_path / "instance")).test_client()
    assert client.get("/healthz").status_code == 200
    assert database_said(client, 503) in ("missing", "unreachable")
    assert "secret" not in client.get("/readyz").text
    page = client.get("/catalog")
    assert page.status_code == 503
    assert "<html" in page.text
    assert page.headers["X-Request-ID"] in page.text
