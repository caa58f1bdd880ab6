"""Accounts and profiles."""

import uuid
from datetime import datetime
from enum import StrEnum

from flask_security.core import UserMixin
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import db
from webapp.models.topic import CareerGoal, Topic
from webapp.models.types import StrEnumType, UtcDateTime
from webapp.support.clock import now


class Role(StrEnum):
    """What an account may be; permissions follow from it (see webapp.policies)."""

    LEARNER = "learner"
    CREATOR = "creator"
    ADMIN = "admin"


class User(db.Model, UserMixin):  # type: ignore[misc,name-defined]
    """An account. Imported learners have no e-mail and no password and can never sign in.

    Changing `fs_uniquifier` ends every session of the account.
    """

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(255), unique=True)  # type: ignore[assignment]
    name: Mapped[str] = mapped_column(String(120), default="")
    password: Mapped[str | None] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(StrEnumType(Role), default=Role.LEARNER, index=True)
    active: Mapped[bool] = mapped_column(default=True)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: uuid.uuid4().hex)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    source: Mapped[str | None] = mapped_column(String(32))
    external_id: Mapped[str | None] = mapped_column(String(64))
    is_sample: Mapped[bool] = mapped_column(default=False)

    profile: Mapped["Profile | None"] = relationship(
        lazy="raise", back_populates="user", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def roles(self) -> list[Role]:  # type: ignore[override]
        """Flask-Security asks for a list; an account has exactly one role."""
        return [self.role]

    def has_role(self, role: object) -> bool:
        """Whether this is the account's role."""
        return str(role) == self.role.value


class Profile(db.Model):  # type: ignore[misc,name-defined]
    """Goal, level and time a learner stated. Every field is optional."""

    __tablename__ = "profiles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("career_goals.id", ondelete="SET NULL"))
    level: Mapped[str | None] = mapped_column(String(16))
    weekly_minutes: Mapped[int | None]
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    language: Mapped[str] = mapped_column(String(8), default="en")
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    onboarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(lazy="raise", back_populates="profile")
    goal: Mapped[CareerGoal | None] = relationship(lazy="raise")
    topics: Mapped[list[Topic]] = relationship(secondary="profile_topics", lazy="raise", order_by=Topic.position)


class ProfileTopic(db.Model):  # type: ignore[misc,name-defined]
    """A topic a learner is interested in."""

    __tablename__ = "profile_topics"

    user_id: Mapped[int] = mapped_column(ForeignKey("profiles.user_id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
