"""What the nights are for: counters made right again, old slates let go."""

from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update

from webapp.extensions import db
from webapp.models import Course, Enrollment, EnrollmentStatus, JobRun, RunStatus, Slate
from webapp.support.clock import now

KEEP_SLATES = timedelta(days=400)
KEEP_VISITOR_SLATES = timedelta(days=30)
KEEP_RUNS = timedelta(days=180)


def recount_courses() -> int:
    """Set the counters of courses to what their enrollments say; how many were wrong."""
    taken = func.count().filter(Enrollment.status != EnrollmentStatus.DROPPED)
    finished = func.count().filter(Enrollment.status == EnrollmentStatus.COMPLETED)
    rows = db.session.execute(select(Enrollment.course_id, taken, finished).group_by(Enrollment.course_id)).tuples().all()
    right = {course_id: (n_taken, n_finished) for course_id, n_taken, n_finished in rows}
    stand = db.session.execute(select(Course.id, Course.enrollment_count, Course.completion_count)).tuples().all()
    wrong = [(i, *right.get(i, (0, 0))) for i, n_taken, n_finished in stand if (n_taken, n_finished) != right.get(i, (0, 0))]
    for course_id, n_taken, n_finished in wrong:
        # A corrected counter is no change of the course: its time of change stays.
        values = {"enrollment_count": n_taken, "completion_count": n_finished, "updated_at": Course.updated_at}
        db.session.execute(update(Course).where(Course.id == course_id).values(values).execution_options(synchronize_session=False))
    return len(wrong)


def prune_records() -> int:
    """Remove slates nobody will ask about any more and the runs of long ago; how many rows."""
    moment = now()
    old_visit = Slate.user_id.is_(None) & (Slate.served_at < moment - KEEP_VISITOR_SLATES)
    slates = delete(Slate).where(or_(Slate.served_at < moment - KEEP_SLATES, old_visit))
    ended = JobRun.status.in_((RunStatus.SUCCEEDED, RunStatus.FAILED))
    runs = delete(JobRun).where(JobRun.started_at < moment - KEEP_RUNS, ended)
    removed = 0
    for statement in (slates, runs):
        removed += db.session.connection().execute(statement).rowcount
    return removed
