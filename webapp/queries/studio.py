"""Counts of a creator's courses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from webapp.analytics.course_figures import CourseFigures, course_figures
from webapp.extensions import db
from webapp.models.course import UNDATED, Course, CourseStatus
from webapp.models.event import SavedCourse
from webapp.support.clock import now

VIEWS_OVER = timedelta(days=28)
SORTS: dict[str, Any] = {
    # by the day that is shown, and where none is by the day it was made: an imported course was made long after it was published
    "newest": func.coalesce(func.nullif(Course.published_at, UNDATED), Course.created_at),
    "title": Course.title_folded,
    "enrolled": Course.enrollment_count,
    "finished": Course.completion_count,
    # courses nobody has taken have no completion and come last
    "completion": Course.completion_count * 1.0 / func.nullif(Course.enrollment_count, 0),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Enrollments, completions, views and saves of a course, or of several together. `views` are those of the last 28 days."""

    enrolled: int = 0
    finished: int = 0
    views: int = 0
    saves: int = 0

    @property
    def active(self) -> int:
        """How many are taking it: who has left is not among the enrolled."""
        return self.enrolled - self.finished

    @property
    def completion(self) -> float | None:
        """The share of those enrolled who finished (0 to 1), None where nobody enrolled."""
        return self.finished / self.enrolled if self.enrolled else None


@dataclass(frozen=True, slots=True)
class StudioRow:
    """A course with its counts."""

    slug: str
    title: str
    language: str
    status: CourseStatus
    published_on: date | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class StudioTotals:
    """Totals over all courses."""

    courses: int
    published: int
    counts: Counts


def studio_totals(creator_id: int | None) -> StudioTotals:
    """Totals of a creator's courses, of everybody's with None."""
    owned = _ownership_condition(creator_id)
    saves = select(func.count(SavedCourse.id)).where(SavedCourse.course_id.in_(select(Course.id).where(*owned).correlate(None)))
    courses = select(
        func.count(Course.id).label("courses"),
        func.count(Course.id).filter(Course.status == CourseStatus.PUBLISHED).label("published"),
        func.coalesce(func.sum(Course.enrollment_count), 0).label("enrolled"),
        func.coalesce(func.sum(Course.completion_count), 0).label("finished"),
        saves.correlate(None).scalar_subquery().label("saves"),
    ).where(*owned)
    row = db.session.execute(courses).one()
    figures = {name: int(value) for name, value in row._mapping.items()}
    ids = db.session.scalars(select(Course.id).where(*owned)).all()
    figures["views"] = sum(figure.all_views for figure in _figures(ids).values())
    return StudioTotals(figures.pop("courses"), figures.pop("published"), Counts(**figures))


def studio_rows(
    creator_id: int | None, sort: str = "newest", descending: bool = True, limit: int | None = None, offset: int = 0
) -> list[StudioRow]:
    """One page of courses with their counts, all without a limit, in as many statements whatever their number. `sort` is one of SORTS."""
    order = SORTS[sort].desc() if descending else SORTS[sort].asc()
    query = (
        select(Course)
        .where(*_ownership_condition(creator_id))
        .order_by(order.nulls_last(), Course.enrollment_count.desc(), Course.id.desc())
    )
    courses = db.session.scalars(query.limit(limit).offset(offset)).all()
    ids = [course.id for course in courses]
    figures, saves = _figures(ids), _saves(ids)
    return [_row(course, views=figures[course.id].all_views, saves=saves.get(course.id, 0)) for course in courses]


def _figures(course_ids: Sequence[int]) -> Mapping[int, CourseFigures]:
    """Figures over VIEWS_OVER, zeros where nothing happened."""
    since = (now() - VIEWS_OVER).date() + timedelta(days=1)  # today is one of them
    return {**dict.fromkeys(course_ids, CourseFigures()), **course_figures(course_ids, since)}


def _ownership_condition(creator_id: int | None) -> Sequence[ColumnElement[bool]]:
    return [] if creator_id is None else [Course.creator_id == creator_id]


def _saves(course_ids: Sequence[int]) -> Mapping[int, int]:
    """How many keep each course for later; courses that nobody keeps are left out."""
    if not course_ids:
        return {}
    kept = select(SavedCourse.course_id, func.count(SavedCourse.id)).where(SavedCourse.course_id.in_(course_ids))
    return {course_id: n for course_id, n in db.session.execute(kept.group_by(SavedCourse.course_id))}


def _row(course: Course, views: int, saves: int) -> StudioRow:
    counts = Counts(enrolled=course.enrollment_count, finished=course.completion_count, views=views, saves=saves)
    return StudioRow(course.slug, course.title, course.language, course.status, course.published_on, counts)
