"""Nightly housekeeping: counters of courses are recounted, old records removed."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.notification import Notification
from webapp.models.operations import JobRun
from webapp.models.outbox import OutboxMail
from webapp.models.slate import Slate
from webapp.queries.job_runs import ACTIVE
from webapp.services.sessions import prune_sessions
from webapp.support.clock import now

KEEP_SLATES = timedelta(days=400)
KEEP_VISITOR_SLATES = timedelta(days=30)
KEEP_RUNS = timedelta(days=180)
KEEP_NOTIFICATIONS = timedelta(days=180)
KEEP_MAIL = timedelta(days=30)
_BATCH = 500


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


def prune_records() -> int:
    """Remove slates nobody will ask about any more, the runs, notifications and closed mail of long ago; how many rows."""
    moment = now()
    old_visit = Slate.user_id.is_(None) & (Slate.served_at < moment - KEEP_VISITOR_SLATES)
    slates = delete(Slate).where(or_(Slate.served_at < moment - KEEP_SLATES, old_visit))
    ended = JobRun.status.not_in(ACTIVE)
    runs = delete(JobRun).where(JobRun.started_at < moment - KEEP_RUNS, ended)
    notifications = delete(Notification).where(Notification.created_at < moment - KEEP_NOTIFICATIONS)
    mail = delete(OutboxMail).where(OutboxMail.closed_at < moment - KEEP_MAIL)
    removed = 0
    for statement in (slates, runs, notifications, mail):
        removed += db.session.connection().execute(statement).rowcount
    return removed + prune_sessions()
