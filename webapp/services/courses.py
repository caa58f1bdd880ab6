"""Publishing courses and taking them back."""

from sqlalchemy import select

from webapp.extensions import db
from webapp.models import Course, CourseStatus
from webapp.policies import Actor, Forbidden, Permission
from webapp.policies.courses import can_edit_course, can_see_course
from webapp.services.audit import record_decision
from webapp.services.errors import Conflict, NotFound
from webapp.support.clock import now


def publish_course(actor: Actor, slug: str) -> Course:
    """Show the course to everyone; the recommender may suggest it at once. Harmless when it is published already.

    Raises NotFound, Forbidden, and Conflict for a course without a title.
    """
    course = _own_course(actor, slug)
    if course.status == CourseStatus.PUBLISHED:
        return course
    if not course.title.strip():
        raise Conflict("A course needs a title before it is published.")
    course.status = CourseStatus.PUBLISHED
    course.published_at = course.published_at or now()
    return _changed(actor, course, "course.publish")


def unpublish_course(actor: Actor, slug: str) -> Course:
    """Take the course out of catalog and recommendations; who is enrolled keeps their progress. Raises NotFound, Forbidden."""
    course = _own_course(actor, slug)
    if course.status != CourseStatus.PUBLISHED:
        return course
    course.status = CourseStatus.ARCHIVED
    return _changed(actor, course, "course.unpublish")


def _own_course(actor: Actor, slug: str) -> Course:
    course: Course | None = db.session.scalar(select(Course).where(Course.slug == slug).with_for_update())
    if course is None or not can_see_course(actor, course):
        raise NotFound
    if not can_edit_course(actor, course):
        raise Forbidden(Permission.EDIT_COURSE)
    return course


def _changed(actor: Actor, course: Course, action: str) -> Course:
    course.updated_at = now()
    record_decision(actor, action, f"course:{course.id}", slug=course.slug)
    db.session.flush()
    return course
