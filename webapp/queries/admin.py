"""What administrators look at: learners, imports, totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from webapp.extensions import db
from webapp.models import Course, CourseStatus, Enrollment, EnrollmentStatus, Event, ImportRun, Role, Topic, User


@dataclass(frozen=True, slots=True)
class Totals:
    """The size of the installation."""

    learners: int
    courses: int
    enrollments: int
    events: int


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner in a list."""

    id: int
    name: str
    email: str | None
    source: str | None
    external_id: str | None
    courses: int
    finished: int


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A course in a learner's history. `at` is None where the source knew the order and not the time."""

    slug: str
    title: str
    topic: str | None
    status: EnrollmentStatus
    percent: int
    at: datetime | None


def totals() -> Totals:
    """Four counts."""
    learners = db.session.scalar(select(func.count(User.id)).where(User.role == Role.LEARNER)) or 0
    courses = db.session.scalar(select(func.count(Course.id)).where(Course.status == CourseStatus.PUBLISHED)) or 0
    enrollments = db.session.scalar(select(func.count(Enrollment.id))) or 0
    events = db.session.scalar(select(func.count(Event.id))) or 0
    return Totals(learners, courses, enrollments, events)


def _matches(q: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [User.role == Role.LEARNER]
    if q:
        text = q.lower()
        found.append(
            or_(
                func.lower(User.name).contains(text, autoescape=True),
                User.email.contains(text, autoescape=True),
                User.external_id == q,
            )
        )
    return found


def count_learners(q: str) -> int:
    """How many learners match a name, an e-mail address or an imported id."""
    return db.session.scalar(select(func.count(User.id)).where(*_matches(q))) or 0


def learner_rows(q: str, limit: int, offset: int) -> list[LearnerRow]:
    """One page of learners with their counts, in two statements."""
    users = db.session.scalars(select(User).where(*_matches(q)).order_by(User.id).limit(limit).offset(offset)).all()
    counts = {
        user_id: (n, finished)
        for user_id, n, finished in db.session.execute(
            select(Enrollment.user_id, func.count(), func.count().filter(Enrollment.status == EnrollmentStatus.COMPLETED))
            .where(Enrollment.user_id.in_([user.id for user in users]))
            .group_by(Enrollment.user_id)
        )
    }
    return [LearnerRow(u.id, u.name, u.email, u.source, u.external_id, *counts.get(u.id, (0, 0))) for u in users]


def learner(user_id: int) -> User | None:
    """A learner's account."""
    return db.session.scalar(select(User).where(User.id == user_id, User.role == Role.LEARNER))


def learner_history(user_id: int, limit: int = 50) -> list[HistoryRow]:
    """The courses a learner took, newest first."""
    undated = (
        select(Event.id)
        .where(Event.user_id == user_id, Event.course_id == Enrollment.course_id, Event.time_is_order)
        .correlate(Enrollment)
        .exists()
    )
    rows = db.session.execute(
        select(Course.slug, Course.title, Topic.name, Enrollment.status, Enrollment.percent, Enrollment.enrolled_at, undated)
        .join(Course, Course.id == Enrollment.course_id)
        .outerjoin(Topic, Topic.id == Course.topic_id)
        .where(Enrollment.user_id == user_id)
        .order_by(Enrollment.enrolled_at.desc(), Enrollment.id.desc())
        .limit(limit)
    )
    return [
        HistoryRow(slug, title, topic, status, percent, None if order_only else at)
        for slug, title, topic, status, percent, at, order_only in rows
    ]


def import_runs(limit: int = 30) -> Sequence[ImportRun]:
    """The last imports, newest first."""
    return db.session.scalars(select(ImportRun).order_by(ImportRun.started_at.desc(), ImportRun.id.desc()).limit(limit)).all()


def import_run(run_id: int) -> ImportRun | None:
    """One import."""
    return db.session.get(ImportRun, run_id)
