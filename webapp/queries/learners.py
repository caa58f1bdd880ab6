"""Learners as administrators look at them: found in a list, and what is known about one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from webapp.extensions import db
from webapp.models import (
    CareerGoal,
    Course,
    Enrollment,
    EnrollmentStatus,
    Event,
    EventKind,
    Feedback,
    FeedbackKind,
    Profile,
    ProfileTopic,
    Role,
    SavedCourse,
    Topic,
    User,
)
from webapp.queries.accounts import named_like

_LOOKS = (EventKind.VIEW, EventKind.CLICK, EventKind.DWELL)


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner in a list. `last_active` is None where nothing has happened yet or only the order of it is known."""

    id: int
    name: str
    email: str | None
    source: str | None
    external_id: str | None
    courses: int = 0
    finished: int = 0
    last_active: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A course in a learner's history. `at` is None where the source knew the order and not the time."""

    slug: str
    title: str
    language: str
    topic: str | None
    status: EnrollmentStatus
    percent: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a learner has said about a course, or that they saved it (`kind` None)."""

    slug: str
    title: str
    language: str
    kind: FeedbackKind | None


@dataclass(frozen=True, slots=True)
class Look:
    """A course a learner opened and did not take. `at` is the last time; None where the source knew the order and not the time."""

    slug: str
    title: str
    language: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class LearnerFacts:
    """What a learner told us; None and empty mean "no answer"."""

    goal: str | None = None
    level: str | None = None
    weekly_minutes: int | None = None
    topics: tuple[str, ...] = ()


def count_learners(q: str = "") -> int:
    """How many learners match a name, an e-mail address or an imported id."""
    return db.session.scalar(select(func.count(User.id)).where(*_matches(q))) or 0


def learner_rows(q: str, limit: int, offset: int) -> list[LearnerRow]:
    """One page of learners with their counts, in two statements."""
    users = db.session.scalars(select(User).where(*_matches(q)).order_by(User.id).limit(limit).offset(offset)).all()
    counts = _counts([user.id for user in users])
    return [LearnerRow(u.id, u.name, u.email, u.source, u.external_id, *counts.get(u.id, (0, 0, None))) for u in users]


def learner(user_id: int) -> User | None:
    """A learner's account."""
    return db.session.scalar(select(User).where(User.id == user_id, User.role == Role.LEARNER))


def learner_facts(user_id: int) -> LearnerFacts:
    """Goal, level, time and interests, in two statements."""
    row = db.session.execute(
        select(CareerGoal.name, Profile.level, Profile.weekly_minutes)
        .select_from(Profile)
        .outerjoin(CareerGoal, CareerGoal.id == Profile.goal_id)
        .where(Profile.user_id == user_id)
    ).one_or_none()
    topics = select(Topic.name).join(ProfileTopic, ProfileTopic.topic_id == Topic.id).where(ProfileTopic.user_id == user_id)
    goal, level, weekly_minutes = row or (None, None, None)
    return LearnerFacts(goal, level, weekly_minutes, tuple(db.session.scalars(topics.order_by(Topic.position, Topic.id))))


def learner_history(user_id: int, limit: int = 50) -> list[HistoryRow]:
    """The courses a learner took, newest first."""
    undated = (
        select(Event.id)
        .where(Event.user_id == user_id, Event.course_id == Enrollment.course_id, Event.time_is_order)
        .correlate(Enrollment)
        .exists()
    )
    rows = db.session.execute(
        select(
            Course.slug, Course.title, Course.language, Topic.name, Enrollment.status, Enrollment.percent, Enrollment.enrolled_at, undated
        )
        .join(Course, Course.id == Enrollment.course_id)
        .outerjoin(Topic, Topic.id == Course.topic_id)
        .where(Enrollment.user_id == user_id)
        .order_by(Enrollment.enrolled_at.desc(), Enrollment.id.desc())
        .limit(limit)
    )
    return [
        HistoryRow(slug, title, language, topic, status, percent, None if order_only else at)
        for slug, title, language, topic, status, percent, at, order_only in rows
    ]


def learner_verdicts(user_id: int, limit: int = 50) -> list[Verdict]:
    """Feedback in force and saved courses, newest first, in two statements."""
    said = (
        select(Course.slug, Course.title, Course.language, Feedback.kind)
        .join(Course, Course.id == Feedback.course_id)
        .where(Feedback.user_id == user_id)
        .order_by(Feedback.created_at.desc(), Feedback.id.desc())
        .limit(limit)
    )
    saved = (
        select(Course.slug, Course.title, Course.language)
        .join(SavedCourse, SavedCourse.course_id == Course.id)
        .where(SavedCourse.user_id == user_id)
        .order_by(SavedCourse.saved_at.desc(), SavedCourse.id.desc())
        .limit(limit)
    )
    verdicts = [Verdict(*row) for row in db.session.execute(said)]
    return verdicts + [Verdict(*row, kind=None) for row in db.session.execute(saved)]


def learner_looks(user_id: int, limit: int = 50) -> list[Look]:
    """Courses a learner looked at and never took, the last one first."""
    taken = select(Enrollment.course_id).where(Enrollment.user_id == user_id)
    last = func.max(Event.occurred_at)
    rows = db.session.execute(
        select(Course.slug, Course.title, Course.language, last.filter(Event.time_is_order.is_(False)))
        .join(Course, Course.id == Event.course_id)
        .where(Event.user_id == user_id, Event.kind.in_(_LOOKS), Event.course_id.not_in(taken))
        .group_by(Course.id, Course.slug, Course.title, Course.language)
        .order_by(last.desc(), Course.id)
        .limit(limit)
    )
    return [Look(*row) for row in rows]


def _matches(q: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [User.role == Role.LEARNER]
    if q:
        found.append(or_(named_like(q), User.email.contains(q.lower(), autoescape=True), User.external_id == q))
    return found


def _counts(user_ids: Sequence[int]) -> Mapping[int, tuple[int, int, datetime | None]]:
    """Courses, finished ones and the last activity by learner. Imports without times leave no date worth showing."""
    if not user_ids:
        return {}
    undated = select(Event.user_id).where(Event.user_id == Enrollment.user_id, Event.time_is_order).correlate(Enrollment).exists()
    rows = db.session.execute(
        select(
            Enrollment.user_id,
            func.count(),
            func.count().filter(Enrollment.status == EnrollmentStatus.COMPLETED),
            func.max(Enrollment.last_active_at).filter(~undated),
        )
        .where(Enrollment.user_id.in_(user_ids))
        .group_by(Enrollment.user_id)
    )
    return {user_id: (courses, finished, last) for user_id, courses, finished, last in rows}
