"""What is old goes, what is young or under way stays."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from tests.webapp.pruning import prune_records
from webapp.extensions import db
from webapp.models.notification import Notification
from webapp.models.operations import JobRun, RunStatus
from webapp.models.outbox import OutboxMail
from webapp.models.slate import Slate
from webapp.registries.notifications import NotificationKind
from webapp.services.housekeeping import recount_courses
from webapp.support.clock import now


def test_old_slates_and_runs_go(make_user, make_slate) -> None:
    user = make_user()
    for name, reader, days in (("mine-new", user, 60), ("mine-old", user, 500), ("visit-new", None, 5), ("visit-old", None, 60)):
        make_slate(reader, placement=name, served_at=now() - timedelta(days=days))
    for job_id, status, days in (("young", "succeeded", 9), ("old", "failed", 300), ("stuck", "running", 300)):
        db.session.add(JobRun(job_id=job_id, status=RunStatus(status), started_at=now() - timedelta(days=days)))
    db.session.flush()
    assert prune_records() == 3
    assert set(db.session.scalars(select(Slate.placement))) == {"mine-new", "visit-new"}
    assert set(db.session.scalars(select(JobRun.job_id))) == {"young", "stuck"}


def test_a_clock_that_is_ahead_for_a_moment_removes_nothing_that_is_not_old(make_user, make_slate) -> None:
    user = make_user()
    make_slate(user, placement="mine", served_at=now() - timedelta(days=3))
    make_slate(None, placement="visit", served_at=now() - timedelta(days=3))
    db.session.add(Notification(subject="told", user_id=user.id, kind=NotificationKind.NEW_COURSE, created_at=now() - timedelta(days=3)))
    for hours in (30, 25, 1):
        db.session.add(JobRun(job_id="rollup", status=RunStatus.SUCCEEDED, started_at=now() - timedelta(hours=hours)))
    db.session.flush()
    with time_machine.travel(now() + timedelta(days=1_000)):
        db.session.add(JobRun(job_id="rollup", status=RunStatus.SUCCEEDED, started_at=now()))
        db.session.flush()
        assert prune_records() == 0
    assert set(db.session.scalars(select(Slate.placement))) == {"mine", "visit"}
    with time_machine.travel(now() + timedelta(days=1_001)):
        assert prune_records() == 6, "a clock that has gone on for a day is believed"


def test_old_notifications_go_whether_read_or_not(app, make_user) -> None:
    user = make_user()
    for subject, days, read_at in (("new", 170, None), ("old", 190, None), ("old and read", 190, now())):
        told = {"user_id": user.id, "kind": NotificationKind.NEW_COURSE, "created_at": now() - timedelta(days=days)}
        db.session.add(Notification(subject=subject, read_at=read_at, **told))
    db.session.flush()
    assert prune_records() == 2
    assert db.session.scalars(select(Notification.subject)).all() == ["new"]


def test_mail_that_was_closed_long_ago_goes_and_what_waits_stays(app) -> None:
    for key, days in (("waits", None), ("closed", 29), ("closed long ago", 31)):
        closed_at = None if days is None else now() - timedelta(days=days)
        db.session.add(OutboxMail(key=key, created_at=now() - timedelta(days=40), closed_at=closed_at))
    db.session.flush()
    assert prune_records() == 1
    assert set(db.session.scalars(select(OutboxMail.key))) == {"waits", "closed"}


def test_counts_are_made_what_the_enrollments_say_without_an_edit_of_the_course(make_user, make_course, make_enrollment) -> None:
    long_ago = now() - timedelta(days=90)
    off, also_off, right = (make_course(enrollment_count=n, updated_at=long_ago) for n in (9, 9, 0))
    for status in ("active", "completed", "dropped"):
        make_enrollment(make_user(), off, status)
    courses = (off, also_off, right)
    for course, count in zip(courses, (9, 9, 0), strict=True):
        course.enrollment_count = count
    db.session.flush()

    def stands() -> list[tuple[int, int]]:
        db.session.expire_all()
        return [(course.enrollment_count, course.completion_count) for course in courses]

    recount_courses([off.id])
    assert stands() == [(2, 1), (9, 0), (0, 0)]
    recount_courses()
    assert stands() == [(2, 1), (0, 0), (0, 0)]
    assert {course.updated_at for course in courses} == {long_ago}
