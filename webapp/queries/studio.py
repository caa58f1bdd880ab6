"""Counts of a creator's courses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.analytics.figures import CourseFigures, course_figures
from webapp.extensions import db
from webapp.models import Course, CourseStatus, SavedCourse
from webapp.support.clock import now

VIEWS_OVER = timedelta(days=28)
SORTS: dict[str, tuple[Any, ...]] = {
    "newest": (Course.created_at.desc(), Course.id.desc()),
    "title": (Course.title_folded, Course.id),
    "enrolled": (Course.enrollment_count.desc(), Course.id),
    "finished": (Course.completion_count.desc(), Course.id),
    # courses nobody has taken have no completion and come last
    "completion": (
        (Course.completion_count * 1.0 / func.nullif(Course.enrollment_count, 0)).desc().nulls_last(),
        Course.enrollment_count.desc(),
        Course.id,
    ),
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
    """All courses together."""

    courses: int
    published: int
    counts: Counts


def studio_totals(creator_id: int | None) -> StudioTotals:
    """Totals of a creator's courses, of everybody's with None."""
    owned = _owned(creator_id)
    courses = select(
        func.count(Course.id).label("courses"),
        func.count(Course.id).filter(Course.status == CourseStatus.PUBLISHED).label("published"),
        func.coalesce(func.sum(Course.enrollment_count), 0).label("enrolled"),
        func.coalesce(func.sum(Course.completion_count), 0).label("finished"),
    ).where(*owned)
    row = db.session.execute(
        courses.add_columns(
            *(_total(query, column, creator_id).label(name) for name, (query, column) in _counted().items()),
        )
    ).one()
    figures = {name: int(value) for name, value in row._mapping.items()}
    ids = db.session.scalars(select(Course.id).where(*owned)).all()
    figures["views"] = sum(figure.all_views for figure in _figures(ids).values())
    return StudioTotals(figures.pop("courses"), figures.pop("published"), Counts(**figures))


def studio_rows(creator_id: int | None, sort: str, limit: int, offset: int) -> list[StudioRow]:
    """One page of courses with their counts, in as many statements whatever their number."""
    courses = db.session.scalars(select(Course).where(*_owned(creator_id)).order_by(*SORTS[sort]).limit(limit).offset(offset)).all()
    ids = [course.id for course in courses]
    counts_by_name = {name: _by_course(query, column, ids) for name, (query, column) in _counted().items()}
    views = _figures(ids)
    return [
        _row(course, {name: counts.get(course.id, 0) for name, counts in counts_by_name.items()} | {"views": views[course.id].all_views})
        for course in courses
    ]


def _figures(course_ids: Sequence[int]) -> Mapping[int, CourseFigures]:
    """Figures over VIEWS_OVER, zeros where nothing happened."""
    since = (now() - VIEWS_OVER).date()
    return {**dict.fromkeys(course_ids, CourseFigures()), **course_figures(course_ids, since)}


def _owned(creator_id: int | None) -> Sequence[ColumnElement[bool]]:
    return [] if creator_id is None else [Course.creator_id == creator_id]


Counted = tuple[Select[int], InstrumentedAttribute[Any]]


def _counted() -> dict[str, Counted]:
    """What is counted beside the course's own counters, as a query and the column that names the course."""
    return {
        "saves": (select(func.count(SavedCourse.id)), SavedCourse.course_id),
    }


def _total(query: Select[int], column: InstrumentedAttribute[Any], creator_id: int | None) -> Any:
    # By course even for all of them: the index goes by course, and the table may hold millions of other events.
    courses = select(Course.id).where(*_owned(creator_id)).correlate(None)
    return query.where(column.in_(courses)).correlate(None).scalar_subquery()


def _by_course(query: Select[int], column: InstrumentedAttribute[Any], ids: Sequence[int]) -> Mapping[int, int]:
    if not ids:
        return {}
    return {course_id: n for n, course_id in db.session.execute(query.add_columns(column).where(column.in_(ids)).group_by(column))}


def _row(course: Course, counted: Mapping[str, int]) -> StudioRow:
    counts = Counts(enrolled=course.enrollment_count, finished=course.completion_count, **counted)
    return StudioRow(course.slug, course.title, course.language, course.status, course.published_on, counts)
