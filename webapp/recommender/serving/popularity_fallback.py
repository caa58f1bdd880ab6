"""Popularity fallback: shelves by plain counts, shown without a model, and what learners with the same goal take."""

from collections.abc import Collection
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Row, Select, func, select

from recsys.types import Reason, ReasonKind, Recommendation
from webapp.extensions import db
from webapp.models.course import Course, CourseStatus, CourseTopic
from webapp.models.rollup import CourseStats, GoalCourse
from webapp.models.vocabulary import Topic
from webapp.recommender.serving.learner_state import Goal
from webapp.support.clock import now
from webapp.transactions import read_rows

GOAL_PEERS = "goal_peers"
COUNTING = "counting"
_RECENT = timedelta(days=60)


def popular_courses(k: int, exclude: Collection[int] = ()) -> list[Recommendation]:
    """The courses most learners took."""
    query = _published_statement().order_by(Course.enrollment_count.desc(), Course.id)
    return [_recommendation(row, ReasonKind.POPULAR) for row in _first(query, k, exclude)]


def new_courses(k: int, exclude: Collection[int] = ()) -> list[Recommendation]:
    """The courses published last, if lately."""
    moment = now()
    query = (
        _published_statement().where(Course.published_at.between(moment - _RECENT, moment)).order_by(Course.published_at.desc(), Course.id)
    )
    return [_recommendation(row, ReasonKind.NEW) for row in _first(query, k, exclude)]


def courses_of_topics(topics: Collection[str], k: int, exclude: Collection[int] = ()) -> list[Recommendation]:
    """The most taken courses of some topics (slugs)."""
    if not topics:
        return []
    query = (
        _published_statement()
        .add_columns(func.min(Topic.slug).label("topic"))
        .join(CourseTopic, CourseTopic.course_id == Course.id)
        .join(Topic, Topic.id == CourseTopic.topic_id)
        .where(Topic.slug.in_(topics))
        .group_by(Course.id, Course.enrollment_count)
        .order_by(Course.enrollment_count.desc(), Course.id)
    )
    return [_recommendation(row, ReasonKind.INTEREST, row.topic) for row in _first(query, k, exclude)]


def courses_of_same_topics(course_id: int, k: int, exclude: Collection[int] = ()) -> list[Recommendation]:
    """The most taken courses of the topics a course belongs to."""
    own = select(Topic.slug).join(CourseTopic, CourseTopic.topic_id == Topic.id).where(CourseTopic.course_id == course_id)
    return courses_of_topics(list(db.session.scalars(own)), k, {course_id, *exclude})


def courses_of_goal_peers(goal: Goal) -> list[Recommendation]:
    """The courses that learners with this goal take, the most taken first; only those that several of them took. As counted last."""
    query = (
        select(GoalCourse.course_id.label("id"), GoalCourse.learners.label("enrollment_count"))
        .join(Course, Course.id == GoalCourse.course_id)
        .where(GoalCourse.goal_id == goal.id, Course.status == CourseStatus.PUBLISHED)
        .order_by(GoalCourse.learners.desc(), GoalCourse.course_id)
    )
    return [_recommendation(row, ReasonKind.POPULAR, goal.slug, GOAL_PEERS) for row in db.session.execute(query)]


def recent_starts(course_ids: Collection[int], cache: dict[int, int]) -> dict[int, int]:
    """How many learners started each course within STARTED_LATELY, as counted last; `cache` remembers the answers."""
    unknown = [course_id for course_id in course_ids if course_id not in cache]
    if unknown:
        query = select(CourseStats.course_id, CourseStats.recent_starts).where(CourseStats.course_id.in_(unknown))
        cache.update(dict.fromkeys(unknown, 0))
        cache.update(dict(db.session.execute(query).all()))
    return {course_id: cache[course_id] for course_id in course_ids}


def _published_statement() -> Select[*tuple[Any, ...]]:
    return select(Course.id, Course.enrollment_count).where(Course.status == CourseStatus.PUBLISHED)


def _first(query: Select[*tuple[Any, ...]], k: int, exclude: Collection[int]) -> list[Row[Any]]:
    """The first k rows of courses that are not excluded. Left out here: thousands of ids in a statement cost more than the rows."""
    with read_rows(query.limit(k + len(exclude))) as rows:
        return list(islice((row for row in rows if row.id not in exclude), k))


def _recommendation(row: Any, kind: ReasonKind, evidence: str | None = None, source: str = COUNTING) -> Recommendation:
    score = 1.0 + row.enrollment_count  # above 0 for a course nobody has taken: a score of 0 would speak against it
    return Recommendation(str(row.id), score, (Reason(source, kind, score, evidence),))
