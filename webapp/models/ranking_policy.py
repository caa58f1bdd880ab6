"""Ranking policies, as versions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.personal_data import OnErase, person_column_info
from webapp.models.types import StrEnumType, UtcDateTime
from webapp.registries.personal_data import PersonalData
from webapp.support.clock import now


class PolicyStatus(StrEnum):
    """State of a version."""

    DRAFT = "draft"
    LIVE = "live"
    RETIRED = "retired"
    ROLLED_BACK = "rolled_back"


class RankingPolicy(db.Model):  # type: ignore[misc,name-defined]
    """A version of the re-ranking policy of a placement; settings as recsys.rerank.policy.Policy reads them. Never changed: a change is a
    new version. At most one of a placement is live; a placement without one uses that of EVERYWHERE."""

    __tablename__ = "ranking_policies"
    __table_args__ = (
        UniqueConstraint("placement", "number"),
        Index(
            "uq_ranking_policies_live",
            "placement",
            unique=True,
            sqlite_where=text("status = 'live'"),
            postgresql_where=text("status = 'live'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    placement: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    status: Mapped[PolicyStatus] = mapped_column(StrEnumType(PolicyStatus), default=PolicyStatus.DRAFT)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(String(300), default="")
    author_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info=person_column_info(PersonalData.DECISIONS, OnErase.DETACH)
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    live_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    live_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def version(self) -> str:
        """Its name, as slates store it."""
        return f"{self.placement}-{self.number}"


EVERYWHERE = "everywhere"
