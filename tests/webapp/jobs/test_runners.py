"""The jobs of the house hold no lock for long: they report between short units of work, and go on where they were stopped."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.factories import make_course, make_enrollment, make_event, make_slate, make_user
from webapp.extensions import db
from webapp.jobs.heartbeat import RunStopped, StopReason
from webapp.jobs.runners import RUNNERS, RunContext
from webapp.models.course import Course
from webapp.models.rollup import CourseDay, CourseStats, PlacementDay
from webapp.models.slate import Slate
from webapp.registries.events import EventKind
from webapp.registries.jobs import PRUNE, RECOUNT, ROLLUP
from webapp.registries.run_messages import RunMessage
from webapp.services import housekeeping, rollups
from webapp.services.privacy import erase_person
from webapp.support.clock import now
from webapp.transactions import unit_of_work

DAYS_AGO = (50, 49, 48, 3, 2, 1)
TEXT = "zephyrine.canary.7731@example.com"


@contextmanager
def other_connection(app: Flask) -> Iterator[sqlite3.Connection]:
    """A connection of somebody else, who does not wait for a lock."""
    file = app.extensions["settings"].database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        yield connection


def write_lock_is_free(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    connection.execute("ROLLBACK")
    return True


def run(app: Flask, job_id: str, report: Callable[[float, RunMessage], None] = lambda _progress, _message: None) -> dict[str, Any]:
    """Do a job's work here; the parameters of what it says in the end."""
    return dict(RUNNERS[job_id](RunContext(0, app.extensions["settings"], report)).params)


def stop_after(reports: int) -> Callable[[float, RunMessage], None]:
    """A `report` that ends the run when it is called once more than this."""
    left = iter(range(reports))

    def report(_progress: float, _message: RunMessage) -> None:
        if next(left, None) is None:
            raise RunStopped(StopReason.CANCELLED)

    return report


def happen_on_many_days() -> None:
    """A view and a slate of one course on each of DAYS_AGO."""
    with unit_of_work():
        user, course = make_user(), make_course()
        for days_ago in DAYS_AGO:
            make_event(EventKind.VIEW, user, course, days_ago)
            make_slate(user, [course], served_at=now() - timedelta(days=days_ago))


def counted() -> list[tuple[int, int, int, int]]:
    """Days ago with what was counted for them: views, places of slates, slates."""
    with unit_of_work(writes=False):
        courses = select(CourseDay.day, CourseDay.views, CourseDay.served, PlacementDay.slates)
        rows = db.session.execute(courses.outerjoin(PlacementDay, PlacementDay.day == CourseDay.day).order_by(CourseDay.day)).all()
    today = now().date()
    return [((today - day).days, views, served, slates) for day, views, served, slates in rows]


def test_a_roll_up_that_is_stopped_has_whole_days_and_the_next_one_counts_the_rest(
    separate_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen_on_many_days()
    monkeypatch.setattr(rollups, "_GROUP_ROWS", 3)  # two days, each a row of the course and one of the placement
    with pytest.raises(RunStopped):
        run(separate_app, ROLLUP, stop_after(2))
    assert counted() == [(50, 1, 1, 1), (49, 1, 1, 1)]
    with unit_of_work():
        course = db.session.scalars(select(Course)).one()
        for days_ago in (48, 2):
            make_event(EventKind.VIEW, make_user(), course, days_ago)
    run(separate_app, ROLLUP)
    assert counted() == [(50, 1, 1, 1), (49, 1, 1, 1), (48, 2, 1, 1), (3, 1, 1, 1), (2, 2, 1, 1), (1, 1, 1, 1)]


def test_no_page_sees_zeros_between_the_groups_of_a_roll_up(separate_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    happen_on_many_days()
    run(separate_app, ROLLUP)
    whole, seen = counted(), []
    monkeypatch.setattr(rollups, "_GROUP_ROWS", 1)
    run(separate_app, RECOUNT, lambda _progress, _message: seen.append(counted()))
    assert len(seen) > len([days for days in DAYS_AGO if days < 8])
    assert [state for state in seen if state != whole] == []


@pytest.mark.parametrize("job_id", [RECOUNT, ROLLUP])
def test_counting_holds_no_write_lock(separate_app: Flask, job_id: str) -> None:
    happen_on_many_days()
    free = []
    with other_connection(separate_app) as other:

        def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "GROUP BY" in statement:
                free.append(write_lock_is_free(other))

        event.listen(db.engine, "before_cursor_execute", look)
        run(separate_app, job_id)
    assert len(free) >= 5
    assert all(free)


@pytest.mark.parametrize("job_id", [RECOUNT, ROLLUP, PRUNE])
def test_between_its_units_a_job_holds_no_write_lock(separate_app: Flask, job_id: str) -> None:
    happen_on_many_days()
    free = []
    with other_connection(separate_app) as other:
        run(separate_app, job_id, lambda _progress, _message: free.append(write_lock_is_free(other)))
    assert free
    assert all(free)


def test_a_recount_puts_right_what_is_wrong_and_keeps_what_is_right(separate_app: Flask) -> None:
    with unit_of_work():
        learner, rated, unrated = make_user(), make_course(enrollment_count=7), make_course(enrollment_count=0)
        make_enrollment(learner, rated)
        make_event(EventKind.RATING, learner, rated, value=4)
        db.session.add(CourseStats(course_id=rated.id, rating_count=9, rating_sum=9, recent_starts=3))
        db.session.add(CourseStats(course_id=unrated.id, rating_count=2, rating_sum=10))
        unrated.enrollment_count = 5
    run(separate_app, RECOUNT)
    with unit_of_work(writes=False):
        rated_rows = db.session.execute(select(CourseStats.course_id, CourseStats.rating_count, CourseStats.rating_sum))
        stats = {row.course_id: (row.rating_count, row.rating_sum) for row in rated_rows}
        counts = {row.id: row.enrollment_count for row in db.session.execute(select(Course.id, Course.enrollment_count))}
    assert stats == {rated.id: (1, 4.0), unrated.id: (0, 0.0)}
    assert counts == {rated.id: 1, unrated.id: 0}


@pytest.mark.parametrize("reports", range(4))
def test_a_recount_can_be_stopped_before_each_of_its_counts(separate_app: Flask, reports: int) -> None:
    with pytest.raises(RunStopped):
        run(separate_app, RECOUNT, stop_after(reports))


def test_pruning_that_is_stopped_is_done_in_part_and_the_next_one_does_the_rest(
    separate_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work():
        for days_ago in (60, 50, 45, 40, 35, 1):
            make_slate(None, served_at=now() - timedelta(days=days_ago))
    monkeypatch.setattr(housekeeping, "_REMOVED_AT_ONCE", 2)

    def slates() -> int:
        with unit_of_work(writes=False):
            return len(db.session.scalars(select(Slate.id)).all())

    with pytest.raises(RunStopped):
        run(separate_app, PRUNE, stop_after(2))
    assert slates() == 4
    assert run(separate_app, PRUNE) == {"rows": 3}
    assert slates() == 1


def test_pruning_empties_a_log_that_was_read_when_it_should_have_been(separate_app: Flask, tmp_path: Path) -> None:
    with unit_of_work():
        user = make_user(email=TEXT)
    log = tmp_path / "separate.db-wal"
    with other_connection(separate_app) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM users").fetchone()
        with unit_of_work():
            erase_person(user.id)
        assert TEXT.encode() in log.read_bytes()
    run(separate_app, PRUNE)
    assert TEXT.encode() not in log.read_bytes()
    assert TEXT.encode() not in (tmp_path / "separate.db").read_bytes()
