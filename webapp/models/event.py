"""Event log, slates as served, and explicit feedback."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.types import BigId, StrEnumType, UtcDateTime
from webapp.support.clock import now


class EventKind(StrEnum):
    """Kinds of events (docs/data-dictionary.md says what `value` means for each)."""

    VIEW = "view"
    CLICK = "click"
    DWELL = "dwell"  # value: seconds
    ENROLL = "enroll"
    PROGRESS = "progress"  # value: percent of the course
    COMPLETE = "complete"
    DROP = "drop"
    RATING = "rating"  # value: 1 to 5
    THUMBS_UP = "thumbs_up"
    THUMBS_DOWN = "thumbs_down"
    DISMISS = "dismiss"
    KNOW = "know"
    SAVE = "save"
    UNSAVE = "unsave"
    CLEAR = "clear"  # takes thumbs, dismiss and know back
    REPORT = "report"


class Event(db.Model):  # type: ignore[misc,name-defined]
    """Append-only. `client_id` makes a repeat harmless. `time_is_order` marks imported rows whose source knows the
    order but not the time: their `occurred_at` sorts rightly and means nothing else."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_user_time", "user_id", "occurred_at"), Index("ix_events_course_kind", "course_id", "kind"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[EventKind] = mapped_column(StrEnumType(EventKind))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    lesson_id: Mapped[int | None] = mapped_column(ForeignKey("lessons.id", ondelete="SET NULL"))
    slate_id: Mapped[str | None] = mapped_column(String(32))
    position: Mapped[int | None]
    value: Mapped[float | None]
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    time_is_order: Mapped[bool] = mapped_column(default=False)
    client_id: Mapped[str] = mapped_column(String(80), unique=True)


class Slate(db.Model):  # type: ignore[misc,name-defined]
    """A shelf as it was served. `items` holds one object a position: course_id, score, propensity, reasons."""

    __tablename__ = "slates"
    __table_args__ = (Index("ix_slates_user_time", "user_id", "served_at"), Index("ix_slates_time", "served_at"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    placement: Mapped[str] = mapped_column(String(40))
    context_course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="SET NULL"))
    served_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    model_version: Mapped[str | None] = mapped_column(String(64))
    policy_version: Mapped[str] = mapped_column(String(32))
    arm: Mapped[str | None] = mapped_column(String(64))
    items: Mapped[list[Any]] = mapped_column(JSON)


class FeedbackKind(StrEnum):
    """What a learner can say about a course; one excludes the others."""

    THUMBS_UP = "thumbs_up"
    THUMBS_DOWN = "thumbs_down"
    DISMISS = "dismiss"
    KNOW = "know"


class Feedback(db.Model):  # type: ignore[misc,name-defined]
    """The feedback in force: one per learner and course, the newest replaces the one before."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("user_id", "course_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    kind: Mapped[FeedbackKind] = mapped_column(StrEnumType(FeedbackKind))
    slate_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class SavedCourse(db.Model):  # type: ignore[misc,name-defined]
    """A course put aside for later."""

    __tablename__ = "saved_courses"
    __table_args__ = (UniqueConstraint("user_id", "course_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), index=True)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
