"""Event log, and explicit feedback as it stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.personal_data import person_column_info
from webapp.models.types import BigId, StrEnumType, UtcDateTime
from webapp.registries.events import EventKind
from webapp.registries.personal_data import PersonalData
from webapp.support.clock import now


class Event(db.Model):  # type: ignore[misc,name-defined]
    """Append-only. `client_id` makes a repeat harmless. `time_is_order` marks imported rows whose source knows the
    order but not the time: their `occurred_at` sorts rightly and means nothing else. What it is about is the course; where the kind
    says something else, `subject_type` and `subject_id` name that, and `data` holds what the kind declares."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_user_time", "user_id", "occurred_at"),
        Index("ix_events_course_kind", "course_id", "kind", "occurred_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[EventKind] = mapped_column(StrEnumType(EventKind))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), info=person_column_info(PersonalData.LEARNING, learned=True)
    )
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    lesson_id: Mapped[int | None] = mapped_column(ForeignKey("lessons.id", ondelete="SET NULL"))
    slate_id: Mapped[int | None] = mapped_column(BigInteger)
    position: Mapped[int | None]
    value: Mapped[float | None]
    subject_type: Mapped[str | None] = mapped_column(String(24))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    time_is_order: Mapped[bool] = mapped_column(default=False)
    client_id: Mapped[str] = mapped_column(String(80), unique=True)


class Feedback(db.Model):  # type: ignore[misc,name-defined]
    """The verdict in force: one per learner and course, the newest replaces the one before. `kind` is one of VERDICTS."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("user_id", "course_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), info=person_column_info(PersonalData.LEARNING, learned=True)
    )
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    kind: Mapped[EventKind] = mapped_column(StrEnumType(EventKind))
    slate_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class SavedCourse(db.Model):  # type: ignore[misc,name-defined]
    """A course put aside for later."""

    __tablename__ = "saved_courses"
    __table_args__ = (UniqueConstraint("user_id", "course_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), info=person_column_info(PersonalData.LEARNING, learned=True)
    )
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
