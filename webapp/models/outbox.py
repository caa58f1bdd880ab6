"""Mail that has to go out."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.personal_data import person_column_info, secret_column_info
from webapp.models.types import BigId, UtcDateTime
from webapp.registries.personal_data import PersonalData
from webapp.support.clock import now


class OutboxMail(db.Model):  # type: ignore[misc,name-defined]
    """A mail, stored with what it speaks of and sent from here: `key` names what it tells whom. It waits until `not_before`,
    which each attempt moves on. Once sent or given up (`closed_at`), its words and address are taken out and the key stays for a while.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "not_before", sqlite_where=text("closed_at is null"), postgresql_where=text("closed_at is null")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True, info=person_column_info(PersonalData.MESSAGES)
    )
    recipient: Mapped[str] = mapped_column(String(255), default="")
    sender: Mapped[str] = mapped_column(String(255), default="")
    subject: Mapped[str] = mapped_column(String(255), default="")
    body: Mapped[str] = mapped_column(Text, default="", info=secret_column_info())  # may hold a way into the account
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(300), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
