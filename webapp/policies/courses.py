"""Course policies: who may see, edit and take a course."""

from webapp.models.course import Course, CourseStatus
from webapp.policies.actor import Actor, Person
from webapp.policies.role_permissions import Permission


def can_see_course(actor: Actor | None, course: Course) -> bool:
    """Everyone sees published courses; creators also their own, administrators all."""
    return course.status == CourseStatus.PUBLISHED or (actor is not None and can_edit_course(actor, course))


def can_edit_course(actor: Actor, course: Course) -> bool:
    """Its creator, and who may edit any course."""
    if actor.may(Permission.EDIT_ANY_COURSE):
        return True
    return isinstance(actor, Person) and actor.may(Permission.EDIT_COURSE) and course.creator_id == actor.user_id


def can_take_course(actor: Actor, course: Course) -> bool:
    """Any learner may enroll in a published course."""
    return actor.may(Permission.LEARN_COURSE) and course.status == CourseStatus.PUBLISHED
