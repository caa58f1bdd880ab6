"""Modules, lessons and quiz questions of a course."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import db
from webapp.models.types import StrEnumType, UtcDateTime


class LessonKind(StrEnum):
    """How a lesson is taken."""

    TEXT = "text"
    VIDEO = "video"
    QUIZ = "quiz"


class Module(db.Model):  # type: ignore[misc,name-defined]
    """A part of a course."""

    __tablename__ = "modules"
    __table_args__ = (UniqueConstraint("course_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))

    lessons: Mapped[list["Lesson"]] = relationship(lazy="raise", passive_deletes=True, order_by="Lesson.position")


class Lesson(db.Model):  # type: ignore[misc,name-defined]
    """A lesson; `body` is Markdown, `position` counts through the whole course from 1.

    The row is the lesson's identity: editing changes it and never replaces it, so that progress stays. One that is taken out of the
    course (`removed_at`) has no place and no module any more.
    """

    __tablename__ = "lessons"
    __table_args__ = (
        UniqueConstraint("course_id", "position"),
        UniqueConstraint("course_id", "slug"),
        CheckConstraint("minutes > 0", name="minutes_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    module_id: Mapped[int | None] = mapped_column(ForeignKey("modules.id", ondelete="SET NULL"), index=True)
    position: Mapped[int | None]
    slug: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[LessonKind] = mapped_column(StrEnumType(LessonKind), default=LessonKind.TEXT)
    minutes: Mapped[int] = mapped_column(default=10)
    body: Mapped[str] = mapped_column(Text, default="")
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    questions: Mapped[list["Question"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by="Question.position"
    )


class Question(db.Model):  # type: ignore[misc,name-defined]
    """A quiz question with one right choice."""

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("lesson_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text, default="")

    choices: Mapped[list["Choice"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by="Choice.position"
    )


class Choice(db.Model):  # type: ignore[misc,name-defined]
    """An answer to choose."""

    __tablename__ = "choices"
    __table_args__ = (UniqueConstraint("question_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    correct: Mapped[bool] = mapped_column(default=False)
