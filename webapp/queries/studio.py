"""What a creator sees of their courses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from webapp.extensions import db
from webapp.models import Course, CourseStatus, Enrollment, EnrollmentStatus, Event, EventKind, SavedCourse
from webapp.support.clock import now

VIEWS_OVER = timedelta(days=28)
SORTS: dict[str, tuple[Any, ...]] = {
    "newest": (Course.created_at.desc(), Course.id.desc()),
    "title": (func.lower(Course.title), Course.id),
    "enrolled": (Course.enrollment_count.desc(), Course.id),
    "finished": (Course.completion_count.desc(), Course.id),
}


@dataclass(frozen=True, slots=True)
class StudioRow:
    """A course with its counts; `completion` is the share of enrolled learners who finished (0 to 1), None without any."""

    slug: str
    title: str
    status: CourseStatus
    published_at: datetime | None
    enrolled: int
    active: int
    finished: int
    completion: float | None
    views: int
    saves: int


@dataclass(frozen=True, slots=True)
class StudioTotals:
    """All courses together."""

    courses: int
    published: int
    enrolled: int
    finished: int


def studio_totals(creator_id: int | None) -> StudioTotals:
    """Totals of a creator's courses, of everybody's with None."""
    row = db.session.execute(
        select(
            func.count(Course.id),
            func.count(Course.id).filter(Course.status == CourseStatus.PUBLISHED),
            func.coalesce(func.sum(Course.enrollment_count), 0),
            func.coalesce(func.sum(Course.completion_count), 0),
        ).where(*_owned(creator_id))
    ).one()
    return StudioTotals(*(int(value) for value in row))


def studio_rows(creator_id: int | None, sort: str, limit: int, offset: int) -> list[StudioRow]:
    """One page of courses with their counts, in four statements."""
    courses = db.session.scalars(select(Course).where(*_owned(creator_id)).order_by(*SORTS[sort]).limit(limit).offset(offset)).all()
    ids = [course.id for course in courses]
    active = _counts(
        select(Enrollment.course_id, func.count()).where(Enrollment.status == EnrollmentStatus.ACTIVE), Enrollment.course_id, ids
    )
    recent = select(Event.course_id, func.count()).where(Event.kind == EventKind.VIEW, Event.occurred_at > now() - VIEWS_OVER)
    views = _counts(recent, Event.course_id, ids)
    saves = _counts(select(SavedCourse.course_id, func.count()), SavedCourse.course_id, ids)
    return [_row(course, active, views, saves) for course in courses]


def _owned(creator_id: int | None) -> Sequence[ColumnElement[bool]]:
    return [] if creator_id is None else [Course.creator_id == creator_id]


def _counts(query, column, ids: Sequence[int]) -> dict[int, int]:  # type: ignore[no-untyped-def]
    if not ids:
        return {}
    return {course_id: count for course_id, count in db.session.execute(query.where(column.in_(ids)).group_by(column))}


def _row(course: Course, active: dict[int, int], views: dict[int, int], saves: dict[int, int]) -> StudioRow:
    enrolled = course.enrollment_count
    return StudioRow(
        slug=course.slug,
        title=course.title,
        status=course.status,
        published_at=course.published_at,
        enrolled=enrolled,
        active=active.get(course.id, 0),
        finished=course.completion_count,
        completion=course.completion_count / enrolled if enrolled else None,
        views=views.get(course.id, 0),
        saves=saves.get(course.id, 0),
    )
