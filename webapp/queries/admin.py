"""Totals of the installation, and its imports, for administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.models.course import Course, CourseStatus
from webapp.models.enrollment import Enrollment
from webapp.models.event import Event
from webapp.models.operations import ImportRun, RunStatus
from webapp.models.user import Role, User
from webapp.support.clock import now

SILENT_AFTER = timedelta(minutes=2)  # an import gives a sign of life after each chunk, a matter of seconds


@dataclass(frozen=True, slots=True)
class Totals:
    """The size of the installation."""

    learners: int
    courses: int
    enrollments: int
    events: int


def totals() -> Totals:
    """Four counts, in one statement."""
    learners = select(func.count(User.id)).where(User.role == Role.LEARNER).scalar_subquery()
    courses = select(func.count(Course.id)).where(Course.status == CourseStatus.PUBLISHED).scalar_subquery()
    enrollments = select(func.count(Enrollment.id)).scalar_subquery()
    events = select(func.count(Event.id)).scalar_subquery()
    return Totals(*db.session.execute(select(learners, courses, enrollments, events)).one())


def count_imports() -> int:
    """How many files were imported, or tried to be."""
    return db.session.scalar(select(func.count(ImportRun.id))) or 0


def import_runs(limit: int = 30, offset: int = 0) -> Sequence[ImportRun]:
    """Imports, newest first."""
    query = select(ImportRun).order_by(ImportRun.started_at.desc(), ImportRun.id.desc())
    return db.session.scalars(query.limit(limit).offset(offset)).all()


def is_interrupted(run: ImportRun) -> bool:
    """Whether an import that says it is running has been killed: the same command goes on where it stopped. A sign of life from the
    future, by a clock that was wrong, is none."""
    return run.status is RunStatus.RUNNING and abs(now() - run.heartbeat_at) > SILENT_AFTER


def import_run(run_id: int) -> ImportRun | None:
    """One import."""
    return db.session.get(ImportRun, run_id)
