"""Learners for administrators: a list with search, and history, feedback and profile of one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Event, Feedback, SavedCourse
from webapp.models.user import Profile, ProfileTopic, Role, User
from webapp.models.vocabulary import CareerGoal, Topic
from webapp.queries.accounts import name_search_condition
from webapp.registries.events import GLANCES, VERDICTS, EventKind
from webapp.support.text import normalized_email

_AT_ONCE = 1000


class LearnerSort(StrEnum):
    """What a list of learners can be sorted by."""

    NAME = "name"
    COURSES = "courses"
    FINISHED = "finished"
    ACTIVE = "active"


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
class FeedbackRow:
    """What a learner has said about a course, or that they saved it."""

    slug: str
    title: str
    language: str
    kind: EventKind


@dataclass(frozen=True, slots=True)
class ViewedCourse:
    """A course a learner opened and did not take. `at` is the last time; None where the source knew the order and not the time."""

    slug: str
    title: str
    language: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class LearnerFacts:
    """Goal, level, time and interests a learner stated; None and empty mean "no answer"."""

    goal: str | None = None
    level: str | None = None
    weekly_minutes: int | None = None
    topics: tuple[str, ...] = ()


def count_learners(q: str = "") -> int:
    """How many learners match a name, an e-mail address or an imported id."""
    return db.session.scalar(select(func.count(User.id)).where(*_search_conditions(q))) or 0


def learner_rows(q: str, limit: int, offset: int, sort: LearnerSort | None = None, descending: bool = False) -> list[LearnerRow]:
    """One page of learners with their counts, in two statements; without a sort the oldest accounts first."""
    learners = _sorted(_select_account().where(*_search_conditions(q)), sort, descending)
    return _with_counts(db.session.execute(learners.limit(limit).offset(offset)).all())


def every_learner_row(q: str, sort: LearnerSort | None = None, descending: bool = False) -> Iterator[LearnerRow]:
    """All learners that match, read a thousand at a time, so that memory does not grow with them."""
    ids = db.session.scalars(_sorted(select(User.id).where(*_search_conditions(q)), sort, descending)).all()
    for begin in range(0, len(ids), _AT_ONCE):
        some = ids[begin : begin + _AT_ONCE]
        by_id = {row.id: row for row in _with_counts(db.session.execute(_select_account().where(User.id.in_(some))).all())}
        yield from (by_id[user_id] for user_id in some if user_id in by_id)


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


def learner_enrollments(user_id: int, limit: int = 50) -> list[HistoryRow]:
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


def learner_feedback(user_id: int, limit: int = 50) -> list[FeedbackRow]:
    """Feedback in force and saved courses, newest first, in two statements."""
    said = (
        select(Course.slug, Course.title, Course.language, Feedback.kind)
        .join(Course, Course.id == Feedback.course_id)
        .where(Feedback.user_id == user_id, Feedback.kind.in_(VERDICTS))
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
    verdicts = [FeedbackRow(*row) for row in db.session.execute(said)]
    return verdicts + [FeedbackRow(*row, kind=EventKind.SAVE) for row in db.session.execute(saved)]


def viewed_courses_not_taken(user_id: int, limit: int = 50) -> list[ViewedCourse]:
    """Courses a learner looked at and never took, the last one first."""
    taken = select(Enrollment.course_id).where(Enrollment.user_id == user_id)
    last = func.max(Event.occurred_at)
    rows = db.session.execute(
        select(Course.slug, Course.title, Course.language, last.filter(Event.time_is_order.is_(False)))
        .join(Course, Course.id == Event.course_id)
        .where(Event.user_id == user_id, Event.kind.in_(GLANCES), Event.course_id.not_in(taken))
        .group_by(Course.id, Course.slug, Course.title, Course.language)
        .order_by(last.desc(), Course.id)
        .limit(limit)
    )
    return [ViewedCourse(*row) for row in rows]


def _search_conditions(q: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [User.role == Role.LEARNER]
    if q:
        conditions.append(or_(name_search_condition(q), User.email.contains(normalized_email(q), autoescape=True), User.external_id == q))
    return conditions


def _sorted(learners: Select[*tuple[Any, ...]], sort: LearnerSort | None, descending: bool) -> Select[*tuple[Any, ...]]:
    """Learners in an order; who has no date comes last either way. All but the name is counted over the enrollments of everybody."""
    if sort is None:
        return learners.order_by(User.id)
    if sort is LearnerSort.NAME:
        return learners.order_by(User.name_folded.desc() if descending else User.name_folded, User.id)
    name = "last_active" if sort is LearnerSort.ACTIVE else sort.value
    counts = _counted_enrollments()
    counted = counts.with_only_columns(Enrollment.user_id, counts.selected_columns[name]).group_by(Enrollment.user_id).subquery()
    column: ColumnElement[Any] = counted.c[name] if sort is LearnerSort.ACTIVE else func.coalesce(counted.c[name], 0)
    ordered = column.desc() if descending else column.asc()
    return learners.outerjoin(counted, counted.c.user_id == User.id).order_by(ordered.nulls_last(), User.id)


def _select_account() -> Select[*tuple[Any, ...]]:
    return select(User.id, User.name, User.email, User.source, User.external_id)


def _with_counts(users: Sequence[Row[*tuple[Any, ...]]]) -> list[LearnerRow]:
    counts = _counts([user.id for user in users])
    return [LearnerRow(user.id, user.name, user.email, user.source, user.external_id, *counts.get(user.id, (0, 0, None))) for user in users]


def _counts(user_ids: Sequence[int]) -> Mapping[int, tuple[int, int, datetime | None]]:
    """Courses, finished ones and the last activity by learner. Imports without times leave no date worth showing."""
    if not user_ids:
        return {}
    rows = db.session.execute(_counted_enrollments().where(Enrollment.user_id.in_(user_ids)).group_by(Enrollment.user_id))
    return {user_id: (courses, finished, last) for user_id, courses, finished, last in rows}


def _counted_enrollments() -> Select[int, int, int, datetime]:
    """Courses, finished ones and the last activity of a learner, for whoever groups them by learner."""
    undated = select(Event.user_id).where(Event.user_id == Enrollment.user_id, Event.time_is_order).correlate(Enrollment).exists()
    return select(
        Enrollment.user_id,
        func.count().label("courses"),
        func.count().filter(Enrollment.status == EnrollmentStatus.COMPLETED).label("finished"),
        func.max(Enrollment.last_active_at).filter(~undated).label("last_active"),
    )
