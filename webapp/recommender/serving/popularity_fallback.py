"""Popularity fallback: shelves by plain counts, shown without a model, and what learners with the same goal take."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select

from recsys.types import Reason, ReasonKind, Recommendation
from webapp.extensions import db
from webapp.models import Course, CourseStatus, CourseTopic, Enrollment, EnrollmentStatus, Event, Profile, Topic
from webapp.recommender.serving.history import Goal
from webapp.registries.events import EventKind
from webapp.support.clock import now

GOAL_PEERS = "goal_peers"
SMALLEST_GROUP = 5
"""Fewer people than this could be recognized in what "people like you" do."""
COUNTING = "counting"
STARTED_LATELY = timedelta(days=30)
_RECENT = timedelta(days=60)


def popular_courses(k: int, exclude: Collection[int] = ()) -> list[Recommendation]:
    """The courses most learners took."""
    query = _published(exclude).order_by(Course.enrollment_count.desc(), Course.id).limit(k)
    return [_recommendation(row, ReasonKind.POPULAR) for row in db.session.execute(query)]


def new_courses(k: int, exclude: Collection[int] = ()) -> list[Recommendation]:
    """The courses published last, if lately."""
    query = _published(exclude).where(Course.published_at >= now() - _RECENT).order_by(Course.published_at.desc(), Course.id)
    return [_recommendation(row, ReasonKind.NEW) for row in db.session.execute(query.limit(k))]


def courses_of_topics(topics: Collection[str], k: int, exclude: Collection[int] = ()) -> list[Recommendation]:
    """The most taken courses of some topics (slugs)."""
    if not topics:
        return []
    query = (
        _published(exclude)
        .add_columns(func.min(Topic.slug).label("topic"))
        .join(CourseTopic, CourseTopic.course_id == Course.id)
        .join(Topic, Topic.id == CourseTopic.topic_id)
        .where(Topic.slug.in_(topics))
        .group_by(Course.id, Course.enrollment_count)
        .order_by(Course.enrollment_count.desc(), Course.id)
    )
    return [_recommendation(row, ReasonKind.INTEREST, row.topic) for row in db.session.execute(query.limit(k))]


def courses_of_same_topics(course_id: int, k: int, exclude: Collection[int] = ()) -> list[Recommendation]:
    """The most taken courses of the topics a course belongs to."""
    own = select(Topic.slug).join(CourseTopic, CourseTopic.topic_id == Topic.id).where(CourseTopic.course_id == course_id)
    return courses_of_topics(list(db.session.scalars(own)), k, {course_id, *exclude})


def courses_of_goal_peers(goal: Goal) -> list[Recommendation]:
    """The courses that learners with this goal take, the most taken first; only those that several of them took.

    Reads all their enrollments: callers keep the answer for a while.
    """
    peers = func.count()
    query = (
        select(Enrollment.course_id.label("id"), peers.label("enrollment_count"))
        .join(Profile, Profile.user_id == Enrollment.user_id)
        .join(Course, Course.id == Enrollment.course_id)
        .where(Profile.goal_id == goal.id, Enrollment.status != EnrollmentStatus.DROPPED, Course.status == CourseStatus.PUBLISHED)
        .group_by(Enrollment.course_id)
        .having(peers >= SMALLEST_GROUP)
        .order_by(peers.desc(), Enrollment.course_id)
    )
    return [_recommendation(row, ReasonKind.POPULAR, goal.slug, GOAL_PEERS) for row in db.session.execute(query)]


def recent_starts(course_ids: Collection[int], cache: dict[int, int]) -> dict[int, int]:
    """How many learners started each course within STARTED_LATELY; `cache` remembers the answers.

    Counted from the log, because imported enrollments may know the order alone, not the time.
    """
    unknown = [course_id for course_id in course_ids if course_id not in cache]
    if unknown:
        query = (
            select(Event.course_id, func.count(Event.user_id.distinct()))
            .where(Event.course_id.in_(unknown), Event.kind == EventKind.ENROLL)
            .where(Event.occurred_at >= now() - STARTED_LATELY, Event.time_is_order.is_(False))
            .group_by(Event.course_id)
        )
        cache.update(dict.fromkeys(unknown, 0))
        cache.update({course_id: count for course_id, count in db.session.execute(query) if course_id is not None})
    return {course_id: cache[course_id] for course_id in course_ids}


def _published(exclude: Collection[int]) -> Select[*tuple[Any, ...]]:
    return select(Course.id, Course.enrollment_count).where(Course.status == CourseStatus.PUBLISHED, Course.id.not_in(exclude))


def _recommendation(row: Any, kind: ReasonKind, evidence: str | None = None, source: str = COUNTING) -> Recommendation:
    score = 1.0 + row.enrollment_count  # above 0 for a course nobody has taken: a score of 0 would speak against it
    return Recommendation(str(row.id), score, (Reason(source, kind, score, evidence),))
