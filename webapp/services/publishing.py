"""Publishing and unpublishing courses."""

from sqlalchemy import select

from webapp.extensions import db
from webapp.models.course import Course, CourseStatus
from webapp.policies import Actor, Forbidden, Permission
from webapp.policies.courses import can_edit_course, can_see_course
from webapp.queries.course_page import course_by_slug
from webapp.services.audit import record_decision
from webapp.services.course_versions import record_published
from webapp.services.errors import Conflict, NotFound
from webapp.services.notifications import tell_topic_followers
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.support.text import is_blank


def course_to_edit(actor: Actor, slug: str) -> Course:
    """A course the actor may change.

    Raises Forbidden, and NotFound for one the actor may not even know of.
    """
    return _require_edit_permission(actor, course_by_slug(slug))


def locked_course(actor: Actor, slug: str) -> Course:
    """A course the actor may change, as it stands now, kept from others until the unit of work ends.

    Raises Forbidden and NotFound as `course_to_edit` does.
    """
    query = select(Course).where(Course.slug == slug).with_for_update()
    return _require_edit_permission(actor, db.session.scalar(query.execution_options(populate_existing=True)))


def publish_course(actor: Actor, slug: str) -> Course:
    """Show the course to everyone; the recommender may suggest it at once. Harmless when it is published already.

    One that is published for the first time gets its date, which makes it new, and who follows its topics is notified;
    one that comes back keeps the old one, and nobody is notified a second time.
    Raises NotFound, Forbidden, and Conflict for a course without a title.
    """
    course = locked_course(actor, slug)
    if course.status == CourseStatus.PUBLISHED:
        return course
    if is_blank(course.title):
        raise Conflict(gettext("A course needs a title before it is published."))
    course.status = CourseStatus.PUBLISHED
    is_first = course.published_at is None
    course.published_at = course.published_at or now()
    _record_change(actor, course, "course.publish")
    record_published(actor, course)
    if is_first:
        tell_topic_followers(course)
    return course


def unpublish_course(actor: Actor, slug: str) -> Course:
    """Take the course out of catalog and recommendations; who is enrolled goes on. Harmless when it is not published.

    Raises NotFound and Forbidden.
    """
    course = locked_course(actor, slug)
    if course.status != CourseStatus.PUBLISHED:
        return course
    course.status = CourseStatus.ARCHIVED
    return _record_change(actor, course, "course.unpublish")


def _require_edit_permission(actor: Actor, course: Course | None) -> Course:
    if course is None or not can_see_course(actor, course):
        raise NotFound(gettext("There is no such course."))
    if not can_edit_course(actor, course):
        raise Forbidden(Permission.EDIT_COURSE)
    return course


def _record_change(actor: Actor, course: Course, action: str) -> Course:
    course.updated_at = now()
    record_decision(actor, action, f"course:{course.id}", slug=course.slug)
    db.session.flush()
    return course
