"""Notifications: who gets which, each once, and only people who can sign in and read it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Integer, Select, String, case, cast, func, literal, null, or_, select, update

from webapp.extensions import db
from webapp.models.course import Course, CourseTopic
from webapp.models.notification import Notification
from webapp.models.types import StrEnumType, UtcDateTime
from webapp.models.user import ProfileTopic, Role, User
from webapp.policies import Permission, Person, require
from webapp.queries.notifications import NotificationItem, notification_of
from webapp.registries.notifications import Audience, Channel, NotificationKind
from webapp.registries.run_messages import RunMessage
from webapp.services.errors import NotFound
from webapp.services.insert_on_conflict import insert_for
from webapp.support.clock import now
from webapp.support.messages import gettext

_NO_TOPIC = cast(null(), Integer)
_ONCE = ["user_id", "kind", "subject"]
CHANNELS = frozenset({Channel.PRODUCT})
"""Ways that are built. A kind that declares another one fails a test: it would be told to nobody by that way."""


def tell_topic_followers(course: Course, at: datetime | None = None) -> int:
    """Tell those who follow one of its topics, but not its creator, that the course is published for the first time; how many people."""
    return _tell(NotificationKind.NEW_COURSE, f"course:{course.id}", at or now(), course)


def tell_of_first_learner(course: Course, at: datetime | None = None) -> int:
    """Somebody takes the course who did not make it, and nobody had before: tell its creator; how many people that is."""
    return _tell(NotificationKind.FIRST_LEARNER, f"course:{course.id}", at or now(), course)


def tell_of_failed_run(kind: NotificationKind, run_id: int, message: RunMessage) -> int:
    """Tell the administrators that a run came to nothing, and why; how many there are."""
    return _tell(kind, f"job_run:{run_id}", now(), data={"message": message.to_json()})


def tell_of_worse_model(version: str, serves: bool, reasons: Sequence[Mapping[str, Any]]) -> int:
    """Tell the administrators why a new model that is worse was held back, or serves all the same; how
    many there are."""
    kind = NotificationKind.WORSE_MODEL_SERVES if serves else NotificationKind.MODEL_HELD_BACK
    return _tell(kind, f"model:{version}", now(), data={"reasons": list(reasons)})


def tell_person(kind: NotificationKind, user_id: int, subject: str, course: Course | None = None) -> int:
    """Tell one person something of a kind that has an addressee; how many people that is: nobody where they were told of this subject
    before, cannot read it, or were told enough of the kind today. Raises ValueError for a kind with another audience."""
    if kind.spec.audience is not Audience.ADDRESSEE:
        raise ValueError(kind.spec.audience)
    return _tell(kind, subject, now(), course, addressee=user_id)


People = Select[Any, Any]


def _topic_followers(course: Course) -> People:
    """Who follows one of its topics, with the topic each is told of: the main one if it is among them. Not its creator."""
    topics = select(CourseTopic.topic_id).where(CourseTopic.course_id == course.id)
    main = func.max(case((ProfileTopic.topic_id == course.topic_id, ProfileTopic.topic_id)))
    return (
        select(ProfileTopic.user_id, func.coalesce(main, func.min(ProfileTopic.topic_id)))
        .join(User, User.id == ProfileTopic.user_id)
        .where(or_(ProfileTopic.topic_id == course.topic_id, ProfileTopic.topic_id.in_(topics)), User.id != course.creator_id)
        .group_by(ProfileTopic.user_id)
    )


_PEOPLE_OF_COURSE: Mapping[Audience, Callable[[Course], People]] = {
    Audience.TOPIC_FOLLOWERS: _topic_followers,
    Audience.COURSE_CREATOR: lambda course: select(User.id, _NO_TOPIC).where(User.id == course.creator_id),
}
_PEOPLE: Mapping[Audience, Callable[[], People]] = {
    Audience.ADMINISTRATORS: lambda: select(User.id, _NO_TOPIC).where(User.role == Role.ADMIN),
}


def mark_notification_read(actor: Person, notification_id: int) -> NotificationItem:
    """Mark one as read; what it says. Raises Forbidden, and NotFound for somebody else's."""
    user_id = _reader_id(actor)
    item = notification_of(user_id, notification_id)
    if item is None:
        raise NotFound(gettext("There is no such notification."))
    _mark_read(Notification.user_id == user_id, Notification.id == notification_id)
    return item


def mark_all_read(actor: Person) -> int:
    """Mark everything as read; how many were not. Raises Forbidden."""
    return _mark_read(Notification.user_id == _reader_id(actor))


def _reader_id(actor: Person) -> int:
    require(actor, Permission.READ_NOTIFICATIONS)
    return actor.user_id


def _people_statement(audience: Audience, course: Course | None, addressee: int | None) -> People:
    """The audience, each person with the topic they are told of."""
    if audience is Audience.ADDRESSEE:
        return select(User.id, _NO_TOPIC).where(User.id == addressee)
    return _PEOPLE[audience]() if course is None else _PEOPLE_OF_COURSE[audience](course)


def _tell(
    kind: NotificationKind,
    subject: str,
    at: datetime,
    course: Course | None = None,
    data: dict[str, Any] | None = None,
    addressee: int | None = None,
) -> int:
    """Write a notification for those of its audience who can read, were there at the time, and were not told too much of it lately; how
    many people. One statement for any number of them."""
    audience, cap = kind.spec.audience, kind.spec.daily_cap
    readers = _people_statement(audience, course, addressee).where(User.active.is_(True), User.email.is_not(None), User.created_at <= at)
    if cap is not None:
        recent = select(func.count()).where(
            Notification.user_id == User.id, Notification.kind == kind, Notification.created_at.between(at - timedelta(days=1), at)
        )
        readers = readers.where(recent.correlate(User).scalar_subquery() < cap)
    rows = readers.add_columns(
        literal(kind, StrEnumType(NotificationKind)),
        literal(subject, String),
        literal(None if course is None else course.id, Integer),
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
