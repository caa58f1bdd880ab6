"""Notifications: who gets which, each once, and only people who can sign in and read it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, Select, String, case, cast, func, literal, null, or_, select, update

from webapp.extensions import db
from webapp.models import Course, CourseTopic, Notification, NotificationKind, ProfileTopic, Role, User
from webapp.models.types import StrEnumType, UtcDateTime
from webapp.policies import Actor, Forbidden, Permission, require
from webapp.queries.notifications import NotificationItem, notification_of
from webapp.services.errors import NotFound
from webapp.services.inserts import insert_for
from webapp.support.clock import now

_NO_TOPIC = cast(null(), Integer)
_ONCE = ["user_id", "kind", "subject"]


def tell_followers(course: Course, at: datetime | None = None) -> int:
    """Notify who follows a topic of a course that is published for the first time, but not its creator; how many people.

    Who follows several is notified once, of the main topic if that is among them. One statement for any number of people.
    """
    moment = at or now()
    others = select(CourseTopic.topic_id).where(CourseTopic.course_id == course.id)
    main = func.max(case((ProfileTopic.topic_id == course.topic_id, ProfileTopic.topic_id)))
    people = (
        select(ProfileTopic.user_id, func.coalesce(main, func.min(ProfileTopic.topic_id)))
        .join(User, User.id == ProfileTopic.user_id)
        .where(or_(ProfileTopic.topic_id == course.topic_id, ProfileTopic.topic_id.in_(others)), User.id != course.creator_id)
        .group_by(ProfileTopic.user_id)
    )
    return _tell(people, NotificationKind.NEW_COURSE, f"course:{course.id}", moment, course_id=course.id)


def tell_of_first_learner(course: Course, at: datetime | None = None) -> int:
    """Notify the creator that the course has its first learner; how many people that is."""
    people = select(User.id, _NO_TOPIC).where(User.id == course.creator_id)
    return _tell(people, NotificationKind.FIRST_LEARNER, f"course:{course.id}", at or now(), course_id=course.id)


def tell_of_failed_training(run_id: int, reason: str) -> int:
    """A training came to nothing: tell the administrators why; how many there are."""
    people = select(User.id, _NO_TOPIC).where(User.role == Role.ADMIN)
    return _tell(people, NotificationKind.TRAINING_FAILED, f"job_run:{run_id}", now(), data={"reason": reason})


def tell_of_worse_model(version: str, serves: bool, reason: str) -> int:
    """A new model is worse than the one that served and was held back, or serves all the same: tell the administrators why; how
    many there are."""
    people = select(User.id, _NO_TOPIC).where(User.role == Role.ADMIN)
    kind = NotificationKind.WORSE_MODEL_SERVES if serves else NotificationKind.MODEL_HELD_BACK
    return _tell(people, kind, f"model:{version}", now(), data={"reason": reason})


def read_notification(actor: Actor, notification_id: int) -> NotificationItem:
    """Mark one as read; what it says. Raises Forbidden, and NotFound for somebody else's."""
    user_id = _reader(actor)
    item = notification_of(user_id, notification_id)
    if item is None:
        raise NotFound("There is no such notification.")
    _mark_read(Notification.user_id == user_id, Notification.id == notification_id)
    return item


def read_all(actor: Actor) -> int:
    """Mark everything as read; how many were not. Raises Forbidden."""
    return _mark_read(Notification.user_id == _reader(actor))


def _reader(actor: Actor) -> int:
    require(actor, Permission.READ_NOTIFICATIONS)
    if actor.user_id is None:
        raise Forbidden(Permission.READ_NOTIFICATIONS)
    return actor.user_id


def _tell(
    people: Select[Any, Any],
    kind: NotificationKind,
    subject: str,
    at: datetime,
    course_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> int:
    """Write a notification for those of `people` (ids with the topic it names to each) who can read and were there at the time."""
    rows = people.where(User.active.is_(True), User.email.is_not(None), User.created_at <= at).add_columns(
        literal(kind, StrEnumType(NotificationKind)),
        literal(subject, String),
        literal(course_id, Integer),
        literal(data or {}, JSON),
        literal(at, UtcDateTime),
    )
    db.session.flush()
    insert = insert_for(Notification).from_select(["user_id", "topic_id", "kind", "subject", "course_id", "data", "created_at"], rows)
    once = insert.on_conflict_do_nothing(index_elements=_ONCE).execution_options(preserve_rowcount=True)
    return db.session.connection().execute(once).rowcount


def _mark_read(*whose: Any) -> int:
    unread = update(Notification).where(*whose, Notification.read_at.is_(None)).values(read_at=now())
    db.session.flush()
    return db.session.connection().execute(unread).rowcount
