"""The vocabulary: topics, tags, skills, career goals. A topic, tag or skill is told from others by its folded name; its slug is
an address and made unique."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import db
from webapp.models.folding import folded_column


class Topic(db.Model):  # type: ignore[misc,name-defined]
    """A subject area; `hue` (0 to 359) colors the cover art of its courses."""

    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_folded: Mapped[str] = folded_column("name")
    hue: Mapped[int] = mapped_column(default=165)
    position: Mapped[int] = mapped_column(default=0)


class Tag(db.Model):  # type: ignore[misc,name-defined]
    """A free keyword of courses."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_folded: Mapped[str] = folded_column("name")


class Skill(db.Model):  # type: ignore[misc,name-defined]
    """Something a course teaches and a career goal needs."""

    __tablename__ = "skills"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_folded: Mapped[str] = folded_column("name")
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"), index=True)


class CareerGoal(db.Model):  # type: ignore[misc,name-defined]
    """A job a learner works towards."""

    __tablename__ = "career_goals"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_folded: Mapped[str] = folded_column("name")
    summary: Mapped[str] = mapped_column(String(300), default="")

    skills: Mapped[list["GoalSkill"]] = relationship(lazy="raise", cascade="all, delete-orphan", passive_deletes=True)


class GoalSkill(db.Model):  # type: ignore[misc,name-defined]
    """How much a goal needs a skill: 1 helpful, 2 needed, 3 central."""

    __tablename__ = "goal_skills"
    __table_args__ = (CheckConstraint("target between 1 and 3", name="target_range"),)

    goal_id: Mapped[int] = mapped_column(ForeignKey("career_goals.id", ondelete="CASCADE"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id", ondelete="CASCADE"), primary_key=True)
    target: Mapped[int] = mapped_column(default=2)

    skill: Mapped[Skill] = relationship(lazy="raise")
