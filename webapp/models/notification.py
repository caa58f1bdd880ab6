"""Notifications inside the product."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.personal_data import person_column_info
from webapp.models.types import BigId, StrEnumType, UtcDateTime
from webapp.registries.notifications import NotificationKind
from webapp.registries.personal_data import PersonalData
from webapp.support.clock import now


class Notification(db.Model):  # type: ignore[misc,name-defined]
    """A notification that one person gets once: `subject` names what it is about, such as `course:12`.

    The sentence is made when it is read, from course, topic and `data`, so that it has the names of that time.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "subject"),
        Index("ix_notifications_user_time", "user_id", "created_at"),
        Index(
            "ix_notifications_unread",
            "user_id",
            sqlite_where=text("read_at is null"),
            postgresql_where=text("read_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), info=person_column_info(PersonalData.MESSAGES))
    kind: Mapped[NotificationKind] = mapped_column(StrEnumType(NotificationKind))
    subject: Mapped[str] = mapped_column(String(64))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
