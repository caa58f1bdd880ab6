"""Nightly housekeeping: counters of courses are recounted, old records removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, ScalarSelect, delete, func, or_, select, update

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.notification import Notification
from webapp.models.operations import JobRun
from webapp.models.outbox import OutboxMail
from webapp.models.session import UserSession
from webapp.models.slate import Slate
from webapp.queries.job_runs import ACTIVE, newest_start_until
from webapp.services.sessions import ended_long_ago
from webapp.support.clock import now

log = structlog.get_logger(__name__)

KEEP_SLATES = timedelta(days=400)
KEEP_VISITOR_SLATES = timedelta(days=30)
KEEP_RUNS = timedelta(days=180)
KEEP_NOTIFICATIONS = timedelta(days=180)
KEEP_MAIL = timedelta(days=30)
_SETTLES = timedelta(hours=12)
_BATCH = 500
_REMOVED_AT_ONCE = 2_000  # slates take their places along, some tens of thousands of rows


def recount_courses(course_ids: Sequence[int] | None = None) -> None:
    """Make the counts of these courses (default: of all) what the enrollments say; touches only those that are off.

    Who has left a course does not count.
    """
    enrolled, completed = _enrollment_counts()
    off = _is_miscounted(enrolled, completed)
    # The counts are no edit of the course: its time of change stays.
    counts = {"enrollment_count": enrolled, "completion_count": completed, "updated_at": Course.updated_at}
    statement = update(Course).where(off).values(counts).execution_options(synchronize_session=False)
    if course_ids is None:
        db.session.execute(statement)
        return
    for start in range(0, len(course_ids), _BATCH):
        db.session.execute(statement.where(Course.id.in_(course_ids[start : start + _BATCH])))


def find_miscounted_courses() -> Sequence[int]:
    """Courses whose counts are not what the enrollments say. It writes nothing, so it needs no lock."""
    return db.session.scalars(select(Course.id).where(_is_miscounted(*_enrollment_counts())).order_by(Course.id)).all()


def _enrollment_counts() -> tuple[ScalarSelect[int], ScalarSelect[int]]:
    """How many learners a course has, and how many of them completed it, by the enrollments."""
    mine = select(func.count()).where(Enrollment.course_id == Course.id)
    enrolled = mine.where(Enrollment.status != EnrollmentStatus.DROPPED)
    return enrolled.scalar_subquery(), mine.where(Enrollment.status == EnrollmentStatus.COMPLETED).scalar_subquery()


def _is_miscounted(enrolled: ScalarSelect[int], completed: ScalarSelect[int]) -> ColumnElement[bool]:
    return or_(Course.enrollment_count != enrolled, Course.completion_count != completed)


@dataclass(frozen=True, slots=True)
class OldRows:
    """Some rows of a table that are to be removed: few enough for one short unit of work."""

    model: Any
    ids: Sequence[int]


def find_old_rows() -> list[OldRows]:
    """Slates nobody will ask about any more, the runs, notifications, closed mail and ended sessions of long ago. It writes nothing."""
    moment = _settled_moment()
    old_visit = Slate.user_id.is_(None) & (Slate.served_at < moment - KEEP_VISITOR_SLATES)
    old: tuple[tuple[Any, ColumnElement[bool]], ...] = (
        (Slate, or_(Slate.served_at < moment - KEEP_SLATES, old_visit)),
        (JobRun, (JobRun.started_at < moment - KEEP_RUNS) & JobRun.status.not_in(ACTIVE)),
        (Notification, Notification.created_at < moment - KEEP_NOTIFICATIONS),
        (OutboxMail, OutboxMail.closed_at < moment - KEEP_MAIL),
        (UserSession, ended_long_ago(moment)),
    )
    batches = []
    for model, condition in old:
        ids = db.session.scalars(select(model.id).where(condition).order_by(model.id)).all()
        batches += [OldRows(model, ids[start : start + _REMOVED_AT_ONCE]) for start in range(0, len(ids), _REMOVED_AT_ONCE)]
    return batches


def _settled_moment() -> datetime:
    """Now, where jobs ran half a day to a day and a half ago; else when the last one did before that. A clock that is ahead for a moment
    would have everything removed, and what a site that was off for long has is removed a day later."""
    moment = now()
    known = newest_start_until(moment - _SETTLES)
    if known is None or known >= moment - 3 * _SETTLES:
        return moment
    log.warning("clock_not_settled", counted_from=known.isoformat(timespec="seconds"))
    return known


def remove_rows(old: OldRows) -> int:
    """Remove the old rows; how many were still there."""
    return db.session.connection().execute(delete(old.model).where(old.model.id.in_(old.ids))).rowcount
