"""Accounts and profiles."""

import uuid
from datetime import datetime
from enum import StrEnum

from flask_security.core import UserMixin
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import db
from webapp.models.folding import folded_column
from webapp.models.personal_data import person_column_info, secret_column_info
from webapp.models.types import StrEnumType, UtcDateTime
from webapp.models.vocabulary import CareerGoal, Topic
from webapp.registries.personal_data import PersonalData
from webapp.support.clock import now

_CONFIRMED = text("confirmed_at is not null")


class Role(StrEnum):
    """What an account may be, from the least to the most; permissions follow from it (webapp.policies.role_permissions)."""

    LEARNER = "learner"
    CREATOR = "creator"
    ADMIN = "admin"


class User(db.Model, UserMixin):  # type: ignore[misc,name-defined]
    """An account. Imported learners have no e-mail and no password and can never sign in.

    Several accounts may wait to confirm the same address; one at most has confirmed it. Links in mail carry `fs_uniquifier`.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_users_email", "email"),
        Index("uq_users_confirmed_email", "email", unique=True, sqlite_where=_CONFIRMED, postgresql_where=_CONFIRMED),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=person_column_info(PersonalData.ACCOUNT))
    email: Mapped[str | None] = mapped_column(String(255))  # type: ignore[assignment]
    name: Mapped[str] = mapped_column(String(120), default="")
    name_folded: Mapped[str] = folded_column("name")
    password: Mapped[str | None] = mapped_column(String(255), info=secret_column_info())
    role: Mapped[Role] = mapped_column(StrEnumType(Role), default=Role.LEARNER, index=True)
    active: Mapped[bool] = mapped_column(default=True)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: uuid.uuid4().hex, info=secret_column_info())
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

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, info=person_column_info(PersonalData.STATED)
    )
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

    user_id: Mapped[int] = mapped_column(
        ForeignKey("profiles.user_id", ondelete="CASCADE"), primary_key=True, info=person_column_info(PersonalData.STATED)
    )
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
