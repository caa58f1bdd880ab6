import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from tests.webapp.importing.helpers import load, problems, rows, write
from webapp.extensions import db
from webapp.importing import run as running
from webapp.importing.problems import ImportRefused
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment
from webapp.models.event import Event
from webapp.models.operations import ImportRun, RunStatus
from webapp.models.rollup import CourseDay
from webapp.models.user import Role
from webapp.policies import Forbidden, Person
from webapp.policies.role_permissions import permissions_of
from webapp.support.clock import now
from webapp.transactions import unit_of_work

_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.settings import test_settings
from webapp.factory import create_app
from webapp.importing import run
from webapp.policies import System
from webapp.transactions import unit_of_work

def die(rows, share):
    if rows >= 120:
        os.kill(os.getpid(), signal.SIGKILL)

path, url, instance = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
run.CHUNK = 40
with create_app(test_settings(url, instance)).app_context(), unit_of_work():
    run.import_file(System(), run.ImportRequest(path), path.parent / "imports", die)
"""
_TABLES = {
    "users": "name, role, source, external_id",
    "courses": "title, slug, enrollment_count, completion_count, source, external_id",
    "events": "kind, user_id, course_id, value, occurred_at, client_id",
    "enrollments": "user_id, course_id, status, percent, enrolled_at, last_active_at, completed_at",
}


def tables() -> dict[str, list[tuple[object, ...]]]:
    return {
        name: [tuple(row) for row in db.session.execute(text(f"select {columns} from {name} order by id"))]
        for name, columns in _TABLES.items()
    }


def empty() -> None:
    for name in ("enrollments", "events", "import_runs", "courses", "users"):
        db.session.execute(text(f"delete from {name}"))
    db.session.commit()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    lines = [f"u{number % 23},{number // 23},{number % 17}" for number in range(200)]
    lines[70] = "u1,not a place,3"
    lines[150] = "u1,3"
    return write(tmp_path / "interactions.csv", "user,pos,item", *lines)


def test_an_import_killed_half_way_and_started_again_ends_the_same(separate_app: Flask, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 40)
    straight = load(log)
    expected, named = tables(), problems(straight)
    empty()
    settings = separate_app.extensions["settings"]
    command = [sys.executable, "-c", _KILLED, str(log), settings.database_url, str(settings.instance_dir)]
    begun = now()
    killed = subprocess.run(command, check=False, cwd=Path.cwd(), env=os.environ | {"PYTHONPATH": str(Path.cwd())}, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert rows(ImportRun, ImportRun.status, ImportRun.rows_done) == [(RunStatus.RUNNING, 120)]
    left = db.session.scalars(select(ImportRun)).one()
    assert begun < left.heartbeat_at < now()
    killed_at = left.heartbeat_at
    db.session.rollback()
    again = load(log)
    assert (again.resumed_at, again.rows, again.outcome, again.bad) == (120, 200, straight.outcome, 2)
    assert tables() == expected
    assert problems(again) == named
    assert rows(ImportRun, ImportRun.status, ImportRun.rows_done) == [(RunStatus.SUCCEEDED, 200)]
    assert rows(ImportRun, ImportRun.heartbeat_at)[0][0] > killed_at


def test_an_import_that_fails_keeps_what_was_committed_and_goes_on_later(
    db_session: Session, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK", 40)

    def stop(done: int, share: float) -> None:
        if done >= 80:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(log, progress=stop)
    run = db_session.scalars(select(ImportRun)).one()
    assert (run.status, run.rows_done) == (RunStatus.FAILED, 80)
    assert len(rows(Event, Event.id)) == 79
    again = load(log)
    assert (again.resumed_at, again.outcome.new, len(rows(Enrollment, Enrollment.id))) == (80, 198, 198)


def test_others_can_write_while_an_import_counts_everything_anew(separate_app: Flask, tmp_path: Path) -> None:
    dated = write(
        tmp_path / "dated.csv", "user,item,timestamp", *(f"u{n % 23},{n % 17},2026-03-{1 + n % 28:02}T10:00:00Z" for n in range(200))
    )
    courses = write(tmp_path / "courses.csv", "course_id,title", *(f"{number},Course {number}" for number in range(17)))
    with unit_of_work():
        load(courses, "courses")
    file = separate_app.extensions["settings"].database_url.removeprefix("sqlite:///")
    free = []
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:

        def look(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if "GROUP BY" not in statement:
                return
            try:
                other.execute("BEGIN IMMEDIATE")
                other.execute("ROLLBACK")
            except sqlite3.OperationalError:
                free.append((False, statement))
            else:
                free.append((True, statement))

        event.listen(db.engine, "before_cursor_execute", look)
        with unit_of_work():
            load(dated, "interactions")
    assert len(free) >= 5
    assert [statement for is_free, statement in free if not is_free] == []
    with unit_of_work(writes=False):
        assert db.session.scalar(select(func.sum(Course.enrollment_count))) == db.session.scalar(select(func.count(Enrollment.id)))
        assert db.session.scalar(select(func.count()).select_from(CourseDay)) > 0


def test_what_ran_through_is_not_resumed(db_session: Session, log: Path) -> None:
    load(log)
    again = load(log)
    assert (again.resumed_at, again.outcome.new, again.outcome.known) == (0, 0, 198)
    assert [row[0] for row in rows(ImportRun, ImportRun.status)] == [RunStatus.SUCCEEDED] * 2


def test_prerequisites_of_rows_before_the_interruption_are_written(
    tmp_path: Path, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK", 1)
    path = write(tmp_path / "a.csv", "course_id,title,prerequisites", "1,One,2", "2,Two,")

    def stop(done: int, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(path, "courses", progress=stop)
    load(path, "courses")
    assert db_session.execute(text("select count(*) from prerequisites")).scalar() == 1


def test_two_imports_of_a_file_at_once_are_refused(db_session: Session, log: Path) -> None:
    folder = log.parent / "imports"
    load(log)
    fingerprint = rows(ImportRun, ImportRun.file_sha256)[0][0]
    with (folder / f"interactions-{fingerprint[:16]}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ImportRefused, match="another process"):
            load(log)


def test_only_who_may_import_can(db_session: Session, log: Path) -> None:
    with pytest.raises(Forbidden):
        running.import_file(Person(1, permissions_of(Role.CREATOR)), running.ImportRequest(log), log.parent)
    assert rows(ImportRun, ImportRun.id) == []


def test_progress_reaches_the_end(db_session: Session, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 50)
    heard: list[tuple[int, float]] = []
    load(log, progress=lambda done, share: heard.append((done, share)))
    assert [done for done, _ in heard] == [50, 100, 150, 200]
    assert heard[-1][1] == 1.0


def test_long_rows_are_written_in_smaller_chunks(tmp_path: Path, db_session: Session) -> None:
    text = "x" * 49_000
    done: list[int] = []
    path = write(tmp_path / "c.csv", "course_id,title,description", *(f"{n},Course {n},{text}" for n in range(700)))
    load(path, "courses", progress=lambda rows, share: done.append(rows))
    assert (done[0] < 700, done[-1], len(rows(Course, Course.id))) == (True, 700, 700)
