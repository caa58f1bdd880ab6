"""A person's notifications, and how many are unread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, func, select

from webapp.extensions import db
from webapp.models.course import Course, CourseStatus
from webapp.models.notification import Notification
from webapp.models.vocabulary import Topic
from webapp.registries.notifications import NotificationKind
from webapp.transactions import read_rows


@dataclass(frozen=True, slots=True)
class NotificationItem:
    """One line of the list. `course_offered` is false for a course taken back since; `data` says why, where one is about a failure."""

    id: int
    kind: NotificationKind
    created_at: datetime
    unread: bool
    data: Mapping[str, Any]
    topic_name: str | None
    course_id: int | None
    course_slug: str | None
    course_title: str | None
    course_offered: bool


def unread_count(user_id: int) -> int:
    """How many notifications are unread, for the bell."""
    return int(read_rows(_unread_statement(), user_id=user_id).scalar_one())


@cache
def _unread_statement() -> Select[int]:
    return select(func.count()).where(*_of(bindparam("user_id")), Notification.read_at.is_(None))


def notification_count(user_id: int) -> int:
    """How many notifications the person has."""
    return db.session.scalar(select(func.count()).where(*_of(user_id))) or 0


def notifications_of(user_id: int, limit: int, offset: int = 0) -> Sequence[NotificationItem]:
    """A page of notifications, the newest first; one statement."""
    newest = _statement(user_id).order_by(Notification.created_at.desc(), Notification.id.desc())
    return [_item(row) for row in db.session.execute(newest.limit(limit).offset(offset))]


def notification_of(user_id: int, notification_id: int) -> NotificationItem | None:
    """A notification of this person; None for somebody else's."""
    row = db.session.execute(_statement(user_id).where(Notification.id == notification_id)).one_or_none()
    return _item(row) if row else None


def _of(user_id: int | BindParameter[int]) -> tuple[ColumnElement[bool], ...]:
    """The person's, but for kinds of a newer version, which have no words here."""
    return Notification.user_id == user_id, Notification.kind.in_(tuple(NotificationKind))


def _statement(user_id: int) -> Select[Any]:
    columns = (Notification.id, Notification.kind, Notification.created_at, Notification.read_at, Notification.data)
    course = (Course.id.label("course_id"), Course.slug.label("course_slug"), Course.title.label("course_title"), Course.status)
    return (
        select(*columns, Topic.name.label("topic_name"), *course)
        .outerjoin(Course, Course.id == Notification.course_id)
        .outerjoin(Topic, Topic.id == Notification.topic_id)
        .where(*_of(user_id))
    )


def _item(row: Row[Any]) -> NotificationItem:
    return NotificationItem(
        id=row.id,
        kind=row.kind,
        created_at=row.created_at,
        unread=row.read_at is None,
        data=row.data,
        topic_name=row.topic_name,
        course_id=row.course_id,
        course_slug=row.course_slug,
        course_title=row.course_title,
        course_offered=row.status == CourseStatus.PUBLISHED,
    )
