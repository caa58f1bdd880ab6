"""Signed-in sessions: one row a browser that is signed in, none for visitors."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.personal_data import person_column_info, secret_column_info
from webapp.models.types import BigId, UtcDateTime
from webapp.registries.personal_data import PersonalData
from webapp.support.clock import now


class UserSession(db.Model):  # type: ignore[misc,name-defined]
    """A browser in which an account is signed in. Cookies hold a random token, the table only its SHA-256.

    It ends at the earliest of `idle_expires_at` (moved on by use, never past `expires_at`), and `revoked_at`.
    """

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True, info=person_column_info(PersonalData.SIGN_INS)
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=secret_column_info())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    idle_expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    remembered: Mapped[bool] = mapped_column(default=False)
    browser: Mapped[str] = mapped_column(String(60), default="")
    network: Mapped[str] = mapped_column(String(45), default="")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
