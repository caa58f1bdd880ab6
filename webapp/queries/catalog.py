"""The catalog: courses by filters that combine, with the number of results behind each value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from webapp.extensions import db
from webapp.models.course import Course, CourseSkill, CourseStatus, CourseTag, CourseTopic, Level
from webapp.models.vocabulary import Skill, Tag, Topic
from webapp.support.text import fold
from webapp.transactions import plain_rows, read_rows

SORTS: dict[str, tuple[Any, ...]] = {
    "popular": (Course.enrollment_count.desc(), Course.id),
    "newest": (Course.published_at.desc(), Course.id),
    "shortest": (Course.duration_minutes.is_(None), Course.duration_minutes, Course.id),
    "title": (Course.title_folded, Course.id),
}
LENGTHS = {"short": (None, 120), "medium": (121, 240), "long": (241, None)}


@dataclass(frozen=True, slots=True)
class CatalogFilter:
    """Filters of a catalog page; values of one filter widen, different filters narrow."""

    topics: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()
    free: bool = False
    q: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing narrows the list."""
        return self == CatalogFilter()


@dataclass(frozen=True, slots=True)
class FilterValue:
    """A value of a filter with how many courses it would leave; `label` is the name of a topic, None where wording has a name for the
    value."""

    value: str
    label: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The values of every filter; each counted under the other filters in force."""

    topics: tuple[FilterValue, ...]
    levels: tuple[FilterValue, ...]
    lengths: tuple[FilterValue, ...]


def has_sample_courses() -> bool:
    """Whether the catalog holds sample data, which pages then say."""
    return bool(read_rows(_any_sample_statement()).scalar_one())


@cache
def _any_sample_statement() -> Select[*tuple[Any, ...]]:
    return select(exists().where(Course.is_sample, Course.status == CourseStatus.PUBLISHED))


def count_courses(filters: CatalogFilter) -> int:
    """How many published courses match."""
    return db.session.scalar(select(func.count(Course.id)).where(*_conditions(filters))) or 0


def course_ids(filters: CatalogFilter, sort: str, limit: int, offset: int) -> list[int]:
    """Ids of the matching courses, one page of them."""
    return list(db.session.scalars(select(Course.id).where(*_conditions(filters)).order_by(*SORTS[sort]).limit(limit).offset(offset)))


def matching_ids(filters: CatalogFilter) -> list[int]:
    """Ids of every matching course, the most popular first: what a personal order starts from."""
    query = select(Course.id).where(*_conditions(filters)).order_by(*SORTS["popular"])
    return [course_id for (course_id,) in plain_rows(query)]


def facets(filters: CatalogFilter) -> Facets:
    """Three statements, whatever the size of the catalog."""
    return Facets(
        topics=_topic_values(filters),
        levels=_levels_with_counts(filters),
        lengths=_length_values(filters),
    )


def topics_with_counts() -> list[FilterValue]:
    """Every topic that has published courses, most courses first."""
    return sorted(_topic_values(CatalogFilter()), key=lambda v: -v.count)


def _topic_values(filters: CatalogFilter) -> tuple[FilterValue, ...]:
    """Topics that would leave courses, and those chosen already, which must stay where they can be taken away."""
    matching = select(Course.id).where(*_conditions(replace(filters, topics=()))).subquery()
    count = func.count(matching.c.id)
    query = (
        select(Topic.slug, Topic.name, count)
        .outerjoin(CourseTopic, CourseTopic.topic_id == Topic.id)
        .outerjoin(matching, matching.c.id == CourseTopic.course_id)
        .group_by(Topic.id, Topic.slug, Topic.name, Topic.name_folded, Topic.position)
        .having(or_(count > 0, Topic.slug.in_(filters.topics)))
        .order_by(Topic.position, Topic.name_folded)
    )
    return tuple(FilterValue(slug, name, number) for slug, name, number in db.session.execute(query))


def _levels_with_counts(filters: CatalogFilter) -> tuple[FilterValue, ...]:
    query = select(Course.level, func.count(Course.id)).where(*_conditions(replace(filters, levels=()))).group_by(Course.level)
    counts = {level: count for level, count in db.session.execute(query)}
    return tuple(FilterValue(level.value, None, counts.get(level, 0)) for level in Level)


def _length_values(filters: CatalogFilter) -> tuple[FilterValue, ...]:
    sums = [func.count(Course.id).filter(_length_condition(name)) for name in LENGTHS]
    row = db.session.execute(select(*sums).where(*_conditions(replace(filters, lengths=())))).one()
    return tuple(FilterValue(name, None, count) for name, count in zip(LENGTHS, row, strict=True))


def _length_condition(name: str) -> ColumnElement[bool]:
    low, high = LENGTHS[name]
    column = Course.duration_minutes
    return column.between(low or 0, high) if high is not None else column >= low  # type: ignore[operator,return-value]


def _conditions(filters: CatalogFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Course.status == CourseStatus.PUBLISHED]
    if filters.topics:
        conditions.append(Course.id.in_(select(CourseTopic.course_id).join(Topic).where(Topic.slug.in_(filters.topics))))
    if filters.levels:
        conditions.append(Course.level.in_([Level(level) for level in filters.levels]))
    if filters.lengths:
        conditions.append(or_(*(_length_condition(name) for name in filters.lengths)))
    if filters.free:
        conditions.append(Course.price_cents == 0)
    return conditions + [_mentions(word) for word in search_words(filters.q)]


def search_words(q: str) -> Sequence[str]:
    """The words of a search as texts are folded, at most eight."""
    return fold(q).split()[:8]


def _mentions(word: str) -> ColumnElement[bool]:
    """Courses whose title, summary, topic, tags or skills hold the word."""
    tagged = select(CourseTag.course_id).join(Tag).where(Tag.name_folded.contains(word, autoescape=True))
    teaching = select(CourseSkill.course_id).join(Skill).where(Skill.name_folded.contains(word, autoescape=True))
    about = select(Topic.id).where(Topic.name_folded.contains(word, autoescape=True))
    in_text = [column.contains(word, autoescape=True) for column in (Course.title_folded, Course.summary_folded)]
    return or_(*in_text, Course.id.in_(tagged), Course.id.in_(teaching), Course.topic_id.in_(about))
