"""Versions of courses: written with each change of the content, and when it is published."""

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.models.course import Course, CourseStatus, CourseVersion
from webapp.policies import Actor
from webapp.queries.course_content import CourseContent, content_of
from webapp.queries.course_versions import last_version


def record_version(actor: Actor, course: Course, content: CourseContent, note: str = "") -> CourseVersion:
    """Write down the content as the course's next version; whoever calls holds the course, so that no two take one number."""
    newest = db.session.scalar(select(func.max(CourseVersion.number)).where(CourseVersion.course_id == course.id))
    version = CourseVersion(
        course_id=course.id,
        number=(newest or 0) + 1,
        author_id=actor.user_id,
        note=note,
        published=course.status == CourseStatus.PUBLISHED,
        content=content.as_json(),
    )
    db.session.add(version)
    db.session.flush()
    return version


def record_published(actor: Actor, course: Course) -> None:
    """Write down what has just been published, unless the last version says so already or there is nothing in the course."""
    content, previous = content_of(course.id), last_version(course.id)
    if previous is None and not content.modules:
        return
    if previous is None or not previous.published or not content.is_same_as_version(CourseContent.of_json(previous.content)):
        record_version(actor, course, content)
