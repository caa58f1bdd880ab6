"""Nightly housekeeping: counters of courses are recounted, old records removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.notification import Notification
from webapp.models.operations import JobRun
from webapp.models.outbox import OutboxMail
from webapp.models.session import UserSession
from webapp.models.slate import Slate
from webapp.queries.job_runs import ACTIVE
from webapp.services.sessions import ended_long_ago
from webapp.support.clock import now

KEEP_SLATES = timedelta(days=400)
KEEP_VISITOR_SLATES = timedelta(days=30)
KEEP_RUNS = timedelta(days=180)
KEEP_NOTIFICATIONS = timedelta(days=180)
KEEP_MAIL = timedelta(days=30)
_BATCH = 500
_REMOVED_AT_ONCE = 2_000  # slates take their places along, some tens of thousands of rows


def recount_courses(course_ids: Sequence[int] | None = None) -> None:
    """Make the counts of these courses (default: of all) what the enrollments say; touches only those that are off.

    Who has left a course does not count.
    """
    mine = select(func.count()).where(Enrollment.course_id == Course.id)
    enrolled = mine.where(Enrollment.status != EnrollmentStatus.DROPPED).scalar_subquery()
    completed = mine.where(Enrollment.status == EnrollmentStatus.COMPLETED).scalar_subquery()
    off = (Course.enrollment_count != enrolled) | (Course.completion_count != completed)
    # The counts are no edit of the course: its time of change stays.
    counts = {"enrollment_count": enrolled, "completion_count": completed, "updated_at": Course.updated_at}
    statement = update(Course).where(off).values(counts).execution_options(synchronize_session=False)
    if course_ids is None:
        db.session.execute(statement)
        return
    for start in range(0, len(course_ids), _BATCH):
        db.session.execute(statement.where(Course.id.in_(course_ids[start : start + _BATCH])))


@dataclass(frozen=True, slots=True)
class OldRows:
    """Some rows of a table that are to be removed: few enough for one short unit of work."""

    model: Any
    ids: Sequence[int]


def find_old_rows() -> list[OldRows]:
    """Slates nobody will ask about any more, the runs, notifications, closed mail and ended sessions of long ago. It writes nothing."""
    moment = now()
    old_visit = Slate.user_id.is_(None) & (Slate.served_at < moment - KEEP_VISITOR_SLATES)
    old: tuple[tuple[Any, ColumnElement[bool]], ...] = (
        (Slate, or_(Slate.served_at < moment - KEEP_SLATES, old_visit)),
        (JobRun, (JobRun.started_at < moment - KEEP_RUNS) & JobRun.status.not_in(ACTIVE)),
        (Notification, Notification.created_at < moment - KEEP_NOTIFICATIONS),
        (OutboxMail, OutboxMail.closed_at < moment - KEEP_MAIL),
        (UserSession, ended_long_ago()),
    )
    batches = []
    for model, condition in old:
        ids = db.session.scalars(select(model.id).where(condition).order_by(model.id)).all()
        batches += [OldRows(model, ids[start : start + _REMOVED_AT_ONCE]) for start in range(0, len(ids), _REMOVED_AT_ONCE)]
    return batches


def remove_rows(old: OldRows) -> int:
    """Remove the old rows; how many were still there."""
    return db.session.connection().execute(delete(old.model).where(old.model.id.in_(old.ids))).rowcount
