"""Courses and how they relate to topics, tags, skills and each other."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import db
from webapp.models.folding import folded_column
from webapp.models.personal_data import OnErase, person_column_info
from webapp.models.types import CompressedJson, StrEnumType, UtcDateTime
from webapp.models.user import User
from webapp.models.vocabulary import Skill, Tag, Topic
from webapp.registries.personal_data import PersonalData
from webapp.support.clock import now

if TYPE_CHECKING:
    from webapp.models.lesson import Module


UNDATED = datetime(1970, 1, 1, tzinfo=UTC)  # stands in for a day of publishing that nobody knows; sorts as old


class CourseStatus(StrEnum):
    """States of a course: only published ones are seen by others than their creator and administrators."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Level(StrEnum):
    """How much a course expects."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Course(db.Model):  # type: ignore[misc,name-defined]
    """A course. `enrollment_count` and `completion_count` are kept by the services that enroll and complete, and
    recounted by import and by the nightly job."""

    __tablename__ = "courses"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("duration_minutes is null or duration_minutes > 0", name="duration_positive"),
        CheckConstraint("price_cents >= 0", name="price_not_negative"),
        CheckConstraint("status <> 'published' or published_at is not null", name="published_has_date"),
        Index("ix_courses_status_published", "status", "published_at"),
        Index("ix_courses_status_popular", "status", "enrollment_count"),
        Index("ix_courses_updated", "updated_at"),
        # Rows of courses are wide: counting levels and lengths, and asking for sample data, would read all of them for each page.
        Index("ix_courses_facets", "status", "level", "duration_minutes"),
        Index("ix_courses_sample", "is_sample", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    title_folded: Mapped[str] = folded_column("title")
    summary: Mapped[str] = mapped_column(Text, default="")
    summary_folded: Mapped[str] = folded_column("summary")
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"), index=True)
    level: Mapped[Level | None] = mapped_column(StrEnumType(Level))
    duration_minutes: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(8), default="en")
    price_cents: Mapped[int] = mapped_column(default=0)
    certificate: Mapped[bool] = mapped_column(default=False)
    outcomes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    # A course outlives its creator: learners are in it.
    creator_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"),
        index=True,
        info=person_column_info(PersonalData.AUTHORED, OnErase.DETACH, learned=True),
    )
    status: Mapped[CourseStatus] = mapped_column(StrEnumType(CourseStatus), default=CourseStatus.DRAFT)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)
    enrollment_count: Mapped[int] = mapped_column(default=0)
    completion_count: Mapped[int] = mapped_column(default=0)
    source: Mapped[str | None] = mapped_column(String(32))
    external_id: Mapped[str | None] = mapped_column(String(64))
    is_sample: Mapped[bool] = mapped_column(default=False)

    topic: Mapped[Topic | None] = relationship(lazy="raise")
    topics: Mapped[list[Topic]] = relationship(secondary="course_topics", lazy="raise", order_by=Topic.position)
    tags: Mapped[list[Tag]] = relationship(secondary="course_tags", lazy="raise", order_by=Tag.name_folded)
    skills: Mapped[list["CourseSkill"]] = relationship(lazy="raise", cascade="all, delete-orphan", passive_deletes=True)
    creator: Mapped[User | None] = relationship(lazy="raise")
    modules: Mapped[list["Module"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by="Module.position"
    )
    prerequisites: Mapped[list["Course"]] = relationship(
        secondary="prerequisites",
        primaryjoin="Course.id == Prerequisite.course_id",
        secondaryjoin="Course.id == Prerequisite.required_id",
        lazy="raise",
    )

    @property
    def published_on(self) -> date | None:
        """The day it was published, the same for every reader; None where nobody knows."""
        return None if self.published_at in (None, UNDATED) else self.published_at.date()


class CourseTopic(db.Model):  # type: ignore[misc,name-defined]
    """Every topic (genre) a course belongs to, its main one included."""

    __tablename__ = "course_topics"

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True, index=True)


class CourseTag(db.Model):  # type: ignore[misc,name-defined]
    """A tag on a course."""

    __tablename__ = "course_tags"

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True)


class CourseSkill(db.Model):  # type: ignore[misc,name-defined]
    """A skill a course teaches; weight 3 for the main one, 1 for one in passing."""

    __tablename__ = "course_skills"
    __table_args__ = (CheckConstraint("weight between 1 and 3", name="weight_range"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id", ondelete="CASCADE"), primary_key=True, index=True)
    weight: Mapped[int] = mapped_column(default=2)

    skill: Mapped[Skill] = relationship(lazy="raise")


class Prerequisite(db.Model):  # type: ignore[misc,name-defined]
    """`course_id` expects what `required_id` teaches."""

    __tablename__ = "prerequisites"
    __table_args__ = (CheckConstraint("course_id <> required_id", name="not_itself"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True)
    required_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True, index=True)


class CourseVersion(db.Model):  # type: ignore[misc,name-defined]
    """The content of a course as it stood at a moment: what was published, and what an edit can be taken back to. Never changed."""

    __tablename__ = "course_versions"
    __table_args__ = (UniqueConstraint("course_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    number: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info=person_column_info(PersonalData.AUTHORED, OnErase.DETACH)
    )
    note: Mapped[str] = mapped_column(String(300), default="")
    published: Mapped[bool] = mapped_column(default=False)
    content: Mapped[dict[str, Any]] = mapped_column(CompressedJson)
