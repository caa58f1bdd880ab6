"""Names and numbers of what reasons refer to: courses, skills, topics, and the skills that courses teach."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select, union_all

from webapp.extensions import db
from webapp.models import Course, CourseSkill, CourseStatus, Skill, Topic


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
    columns = (Course.id, Course.title, Course.slug, Course.status, Course.enrollment_count, Course.published_at)
    return {
        course_id: CourseFacts(title, slug, status == CourseStatus.PUBLISHED, learners, published_at)
        for course_id, title, slug, status, learners, published_at in db.session.execute(select(*columns).where(Course.id.in_(course_ids)))
    }


def label_names(skill_slugs: Collection[str], topic_slugs: Collection[str]) -> LabelNames:
    """Names of the skills and topics with these slugs; one statement."""
    skill = select(literal("skill").label("kind"), Skill.slug, Skill.name).where(Skill.slug.in_(skill_slugs))
    topic = select(literal("topic").label("kind"), Topic.slug, Topic.name).where(Topic.slug.in_(topic_slugs))
    names = LabelNames({}, {})
    for kind, slug, name in db.session.execute(union_all(skill, topic)):
        (names.skills if kind == "skill" else names.topics)[slug] = name
    return names


def skills_taught(course_ids: Collection[int]) -> dict[int, list[str]]:
    """Names of the skills each course teaches, its main ones first; one statement."""
    query = (
        select(CourseSkill.course_id, Skill.name)
        .join(Skill, Skill.id == CourseSkill.skill_id)
        .where(CourseSkill.course_id.in_(course_ids))
        .order_by(CourseSkill.weight.desc(), Skill.name)
    )
    names: dict[int, list[str]] = defaultdict(list)
    for course_id, name in db.session.execute(query):
        names[course_id].append(name)
    return dict(names)
