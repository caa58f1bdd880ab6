"""What keeps an installation from serving is said in one sentence at the start, with exit status 1 and no traceback."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import make_url

from tests.settings import test_settings
from webapp.config import ROOT
from webapp.extensions import db
from webapp.factory import create_app
from webapp.start import application
from webapp.support.disk_reserve import RESERVE_BYTES, keep_reserve

SERVERS = {
    "gunicorn": [sys.executable, "-m", "gunicorn", "--preload", "--bind", "127.0.0.1:0", "--no-control-socket", "wsgi:app"],
    "flask": [sys.executable, "-m", "flask", "--app", "wsgi.py", "run", "--port", "0"],
}
COMMANDS = {
    "list": [sys.executable, "-m", "flask", "--app", "wsgi.py", "jobs", "list"],
    "migrate": [sys.executable, "-m", "flask", "--app", "wsgi.py", "db", "upgrade"],
}


@dataclass
class Installation:
    """A folder that has what a first start makes, and the variables that lead to it."""

    folder: Path
    env: dict[str, str]

    @property
    def database(self) -> Path:
        return self.folder / "waymark.db"

    def refusal(self, command: list[str]) -> str:
        """What the command says when it does not start."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("WAYMARK_")} | self.env
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)
        said = done.stdout + done.stderr
        assert done.returncode == 1, said
        assert "Traceback" not in said
        return done.stderr


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a database at the newest migration."""
    folder = tmp_path_factory.mktemp("migrated")
    app = create_app(test_settings(f"sqlite:///{folder}/waymark.db", folder))
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()
    return (folder / "waymark.db").read_bytes()


@pytest.fixture
def installation(tmp_path: Path, migrated: bytes) -> Installation:
    (tmp_path / "waymark.db").write_bytes(migrated)
    for name in ("secret_key", "password_salt"):
        (tmp_path / name).write_text("kept-secret " * 6)
    return Installation(tmp_path, {"WAYMARK_INSTANCE_DIR": str(tmp_path)})


def break_file(installation: Installation) -> None:
    installation.database.write_bytes(b"these are no pages of a database " * 300)


def remove_file(installation: Installation) -> None:
    installation.database.unlink()


def unmigrate(installation: Installation) -> None:
    run_on_database(installation, "update alembic_version set version_num = '0001'")


def run_on_database(installation: Installation, statement: str) -> None:
    with closing(sqlite3.connect(installation.database)) as connection:
        connection.execute(statement)
        connection.commit()


def put_another_application_there(installation: Installation) -> None:
    installation.database.unlink()
    run_on_database(installation, "create table users (id integer, login text)")


def stand_between(installation: Installation) -> None:
    """At one of the migrations that became steps of one."""
    with closing(sqlite3.connect(installation.database)) as connection:
        connection.execute("update alembic_version set version_num = '0006'")
        connection.commit()


def lose_table(installation: Installation) -> None:
    run_on_database(installation, "drop table impressions")


def lose_column(installation: Installation) -> None:
    run_on_database(installation, "alter table users drop column is_sample")


def empty_secret(installation: Installation) -> None:
    (installation.folder / "secret_key").write_text("")


def lead_nowhere(installation: Installation) -> None:
    installation.env["WAYMARK_DATABASE_URL"] = "postgresql://waymark:hidden-word@127.0.0.1:1/waymark"


def close_folder(installation: Installation) -> None:
    """A folder that not even root can write to."""
    installation.env["WAYMARK_INSTANCE_DIR"] = "/proc"


FAULTS: dict[str, tuple[Callable[[Installation], None], str]] = {
    "broken": (break_file, "cannot be read (file is not a database)"),
    "vanished": (remove_file, "there is no database at"),
    "unmigrated": (unmigrate, "run “flask db upgrade”"),
    "of another application": (put_another_application_there, "is of another application (it holds users, "),
    "of no migration": (stand_between, "is at a migration that this version does not have (it is at 0006, "),
    "without a table": (lose_table, "no such table: impressions"),
    "without a column": (lose_column, "no such column: users.is_sample"),
    "empty secret": (empty_secret, "secret_key: at least 32 characters are expected"),
    "wrong address": (lead_nowhere, "does not answer"),
    "read-only": (close_folder, "a folder to write to is expected"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_served_with_a_fault(
    installation: Installation, fault: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cause, sentence = FAULTS[fault]
    cause(installation)
    for name, value in ({"WAYMARK_ENV": "test"} | installation.env).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        application()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert sentence in said
    assert said.startswith("Waymark cannot start")
    assert "hidden-word" not in said


@pytest.mark.parametrize("server", ["gunicorn", "flask"])
def test_no_server_starts_without_its_database(installation: Installation, server: str) -> None:
    remove_file(installation)
    assert "there is no database at" in installation.refusal(SERVERS[server])
    assert not installation.database.exists()


@pytest.mark.parametrize(
    ("command", "fault"),
    [("list", "unmigrated"), ("migrate", "broken"), ("migrate", "of another application"), ("migrate", "of no migration")],
)
def test_commands_say_it_too(installation: Installation, command: str, fault: str) -> None:
    cause, sentence = FAULTS[fault]
    cause(installation)
    assert sentence in installation.refusal(COMMANDS[command])


@pytest.mark.parametrize("kept", [True, False])
def test_a_full_disk_keeps_nothing_from_starting_that_its_reserve_has_room_for(
    installation: Installation, kept: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if kept:
        keep_reserve(make_url(f"sqlite:///{installation.database}"))
    reserve, measure = installation.folder / "waymark.db-reserve", os.statvfs

    def full_but_for_the_reserve(place: Path) -> os.statvfs_result:
        disk = measure(place)
        return os.statvfs_result((*disk[:4], RESERVE_BYTES // disk.f_frsize if kept and not reserve.exists() else 0, *disk[5:]))

    assert reserve.exists() == kept
    monkeypatch.setattr(os, "statvfs", full_but_for_the_reserve)
    for name, value in ({"WAYMARK_ENV": "test"} | installation.env).items():
        monkeypatch.setenv(name, value)
    if kept:
        assert application().test_client().get("/healthz").status_code == 200
        assert "reserve has been given up" in capsys.readouterr().err
    else:
        with pytest.raises(SystemExit):
            application()
        assert "there is no room on the disk" in capsys.readouterr().err
    assert not reserve.exists()


def test_what_is_whole_starts(installation: Installation) -> None:
    env = os.environ | installation.env
    done = subprocess.run([sys.executable, "-m", "webapp.start"], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
