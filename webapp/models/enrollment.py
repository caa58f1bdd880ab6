"""Enrollments of learners in courses, and completed lessons."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.lesson import Lesson
from webapp.models.personal_data import person_column_info
from webapp.models.types import BigId, StrEnumType, UtcDateTime
from webapp.registries.personal_data import PersonalData
from webapp.support.clock import now


class EnrollmentStatus(StrEnum):
    """State of an enrollment."""

    ACTIVE = "active"
    COMPLETED = "completed"
    DROPPED = "dropped"


class Enrollment(db.Model):  # type: ignore[misc,name-defined]
    """A learner in a course; `percent` is the share of lessons done (0 to 100)."""

    __tablename__ = "enrollments"
    __table_args__ = (
        UniqueConstraint("user_id", "course_id"),
        CheckConstraint("percent between 0 and 100", name="percent_range"),
        CheckConstraint("status <> 'completed' or completed_at is not null", name="completed_has_date"),
        Index("ix_enrollments_course_status", "course_id", "status"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), info=person_column_info(PersonalData.LEARNING, learned=True)
    )
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    status: Mapped[EnrollmentStatus] = mapped_column(StrEnumType(EnrollmentStatus), default=EnrollmentStatus.ACTIVE)
    percent: Mapped[int] = mapped_column(default=0)
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_active_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    course: Mapped[Course] = relationship(lazy="raise")


class LessonProgress(db.Model):  # type: ignore[misc,name-defined]
    """A lesson a learner has completed; `minutes` is the time spent, where known."""

    __tablename__ = "lesson_progress"
    __table_args__ = (UniqueConstraint("user_id", "lesson_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), info=person_column_info(PersonalData.LEARNING))
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lessons.id", ondelete="RESTRICT"), index=True)
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    minutes: Mapped[int | None]

    lesson: Mapped[Lesson] = relationship(lazy="raise")
