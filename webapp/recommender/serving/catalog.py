"""Catalog items: published courses as the recommender reads them, in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select

from recsys.types import Item
from webapp.extensions import db
from webapp.models.course import Course, CourseSkill, CourseStatus, CourseTag, CourseTopic, Prerequisite
from webapp.models.ranking_policy import PolicyStatus, RankingPolicy
from webapp.models.vocabulary import Skill, Tag, Topic
from webapp.support.clock import CLOCKS_DIFFER, now
from webapp.transactions import read_rows

Statement = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class CatalogMarker:
    """How many courses are published, when one was last changed, when a ranking policy last came or went, and a sum over the live ones,
    which differs where two machines' clocks do: equal markers, equal catalog and policies (nearly always)."""

    published: int
    changed_at: datetime | None
    policies_at: tuple[datetime | None, datetime | None, int | None] = (None, None, None)


def catalog_marker() -> CatalogMarker:
    """The marker of the catalog as it is now; one statement over two indexes."""
    published, changed, came, went, live = read_rows(_marker_statement(), latest=now() + CLOCKS_DIFFER).one()
    return CatalogMarker(published, changed, (came, went, live))


@cache
def _marker_statement() -> Statement:
    published = select(func.count()).select_from(Course).where(Course.status == CourseStatus.PUBLISHED).scalar_subquery()
    # A change that a clock ahead has stamped would hide all that follow it.
    changed = select(func.max(Course.updated_at)).where(Course.updated_at <= bindparam("latest")).scalar_subquery()
    came = select(func.max(RankingPolicy.live_from)).scalar_subquery()
    went = select(func.max(RankingPolicy.live_until)).scalar_subquery()
    live = select(func.sum(RankingPolicy.id)).where(RankingPolicy.status == PolicyStatus.LIVE).scalar_subquery()
    return select(published, changed, came, went, live)


def changed_published_and_other_ids(moment: datetime) -> tuple[set[int], set[int]]:
    """Ids of courses changed at or after `moment`: those published now, and the others."""
    rows = db.session.execute(select(Course.id, Course.status).where(Course.updated_at >= moment)).all()
    published = {row.id for row in rows if row.status == CourseStatus.PUBLISHED}
    return published, {row.id for row in rows} - published


def load_items(course_ids: Collection[int] | None = None) -> dict[int, Item]:
    """Items of all published courses, or of the published ones among `course_ids`, in order of id."""
    if course_ids is not None and not course_ids:
        return {}
    topics = _labels(select(CourseTopic.course_id, Topic.slug).join(Topic, Topic.id == CourseTopic.topic_id), course_ids)
    tags = _labels(select(CourseTag.course_id, Tag.name).join(Tag, Tag.id == CourseTag.tag_id), course_ids)
    skills = _labels(select(CourseSkill.course_id, Skill.slug).join(Skill, Skill.id == CourseSkill.skill_id), course_ids)
    needs = _labels(select(Prerequisite.course_id, Prerequisite.required_id), course_ids)
    return {
        row.id: _item(row, topics.get(row.id, ()), tags.get(row.id, ()), skills.get(row.id, ()), needs.get(row.id, ()))
        for row in db.session.execute(_courses_statement(course_ids))
    }


def _courses_statement(course_ids: Collection[int] | None) -> Statement:
    columns = (
        Course.id,
        Course.title,
        Course.summary,
        Course.outcomes,
        Course.level,
        Course.duration_minutes,
        Course.creator_id,
        Course.published_at,
        Course.language,
        Topic.slug.label("topic"),
    )
    query = (
        select(*columns).outerjoin(Topic, Topic.id == Course.topic_id).where(Course.status == CourseStatus.PUBLISHED).order_by(Course.id)
    )
    return query if course_ids is None else query.where(Course.id.in_(course_ids))


def _labels(query: Statement, course_ids: Collection[int] | None) -> dict[int, tuple[str, ...]]:
    """The second column as text, by the course in the first, in a fixed order."""
    course, label = query.selected_columns
    if course_ids is not None:
        query = query.where(course.in_(course_ids))
    by_course: dict[int, list[str]] = defaultdict(list)
    for course_id, value in db.session.execute(query.order_by(course, label)):
        by_course[course_id].append(str(value))
    return {course_id: tuple(labels) for course_id, labels in by_course.items()}


def _item(row: Row[Any], topics: tuple[str, ...], tags: tuple[str, ...], skills: tuple[str, ...], needs: tuple[str, ...]) -> Item:
    main = (row.topic,) if row.topic else ()
    return Item(
        item_id=str(row.id),
        title=row.title,
        description=" ".join([row.summary, *(str(outcome) for outcome in row.outcomes or ())]).strip(),
        tags=tags,
        topics=tuple(dict.fromkeys((*main, *topics))),
        skills=skills,
        level=row.level.value if row.level else None,
        duration_minutes=row.duration_minutes,
        prerequisites=needs,
        creator=None if row.creator_id is None else str(row.creator_id),
        published=row.published_at.timestamp() if row.published_at else None,
        language=row.language,
    )
