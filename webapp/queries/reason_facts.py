"""Names and numbers of what reasons refer to: courses, skills, topics, and the skills that courses teach."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, String, bindparam, literal_column, select, union_all

from webapp.models.course import Course, CourseSkill, CourseStatus
from webapp.models.vocabulary import Skill, Topic
from webapp.transactions import read_rows

Statement = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """A course as a reason names it: `published` says whether its page is open to all, `learners` how many took it."""

    title: str
    slug: str
    published: bool
    learners: int
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class LabelNames:
    """Names of skills and of topics by slug."""

    skills: dict[str, str]
    topics: dict[str, str]


def course_facts(course_ids: Collection[int]) -> dict[int, CourseFacts]:
    """Facts of the courses by id, without those there are none of; one statement."""
    rows = read_rows(_course_facts_statement(), course_ids=list(course_ids))
    return {
        course_id: CourseFacts(title, slug, status == CourseStatus.PUBLISHED, learners, published_at)
        for course_id, title, slug, status, learners, published_at in rows
    }


@cache
def _course_facts_statement() -> Statement:
    columns = (Course.id, Course.title, Course.slug, Course.status, Course.enrollment_count, Course.published_at)
    return select(*columns).where(Course.id.in_(bindparam("course_ids", expanding=True)))


def label_names(skill_slugs: Collection[str], topic_slugs: Collection[str]) -> LabelNames:
    """Names of the skills and topics with these slugs; one statement."""
    names = LabelNames({}, {})
    for kind, slug, name in read_rows(_label_names_statement(), skill_slugs=list(skill_slugs), topic_slugs=list(topic_slugs)):
        (names.skills if kind == "skill" else names.topics)[slug] = name
    return names


@cache
def _label_names_statement() -> CompoundSelect[*tuple[Any, ...]]:
    skill = select(literal_column("'skill'", String), Skill.slug, Skill.name)
    topic = select(literal_column("'topic'", String), Topic.slug, Topic.name)
    return union_all(
        skill.where(Skill.slug.in_(bindparam("skill_slugs", expanding=True))),
        topic.where(Topic.slug.in_(bindparam("topic_slugs", expanding=True))),
    )


def skills_taught(course_ids: Collection[int]) -> dict[int, list[str]]:
    """Names of the skills each course teaches, its main ones first; one statement."""
    names: dict[int, list[str]] = defaultdict(list)
    for course_id, name in read_rows(_skills_taught_statement(), course_ids=list(course_ids)):
        names[course_id].append(name)
    return dict(names)


@cache
def _skills_taught_statement() -> Statement:
    return (
        select(CourseSkill.course_id, Skill.name)
        .join(Skill, Skill.id == CourseSkill.skill_id)
        .where(CourseSkill.course_id.in_(bindparam("course_ids", expanding=True)))
        .order_by(CourseSkill.weight.desc(), Skill.name)
    )
