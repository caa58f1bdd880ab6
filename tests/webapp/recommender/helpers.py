"""Small worlds for the recommender's tests."""

from datetime import datetime

from tests.factories import make_enrollment, make_event
from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.event import Feedback, SavedCourse
from webapp.models.user import User
from webapp.registries.events import EventKind


def happen(
    user: User,
    course: Course,
    kind: str,
    value: float | None = None,
    days_ago: float = 1,
    at: datetime | None = None,
    ordinal: bool = False,
) -> None:
    """Put an event into the log."""
    make_event(kind, user, course, days_ago, at=at, value=value, time_is_order=ordinal)


def take(user: User, course: Course, status: str = "completed", days_ago: float = 3) -> None:
    """Enroll and, where the status says so, complete: what there is to see of it, and in the log."""
    make_enrollment(user, course, status)
    happen(user, course, "enroll", days_ago=days_ago)
    if status == "completed":
        happen(user, course, "complete", days_ago=days_ago - 0.5)


def say(user: User, course: Course, kind: str) -> None:
    """Put a verdict or a saved course in force."""
    if kind == "save":
        db.session.add(SavedCourse(user_id=user.id, course_id=course.id))
    else:
        db.session.add(Feedback(user_id=user.id, course_id=course.id, kind=EventKind(kind)))
    db.session.flush()
