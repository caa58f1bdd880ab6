"""Slates: what was recommended where, to whom, and what became of each place."""

import time
from datetime import datetime
from secrets import randbelow
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.personal_data import owner_column_info, person_column_info
from webapp.models.types import CompressedJson, UtcDateTime
from webapp.registries.personal_data import PersonalData
from webapp.support.clock import now

_EPOCH = 1_577_836_800  # 2020-01-01; milliseconds since then take 41 of 63 bits until 2089
_SHELF_BITS, _RANDOM_BITS = 6, 16
MAX_SHELVES = 1 << _SHELF_BITS
LARGEST_SLATE_ID = 2**63 - 1
REST = "rest"
"""The kind of a part that sums up what is not kept one by one."""


def new_slate_ids(count: int) -> list[int]:
    """Ids for the slates of one page, at most MAX_SHELVES: by time, so that rows served together lie together on disk, and hard to
    guess. Known before anything is written, because links on the page name them."""
    moment = int((time.time() - _EPOCH) * 1000)
    first = (moment << (_RANDOM_BITS + _SHELF_BITS)) | (randbelow(1 << _RANDOM_BITS) << _SHELF_BITS)
    return list(range(first, first + count))


class Slate(db.Model):  # type: ignore[misc,name-defined]
    """A list of recommendations as it was served. Its places are Impressions.

    `detail` holds for each place, in their order, `[score, parts]`: a part is `[source, kind, weight, evidence, *words]` of the reasons
    behind the score, the largest first; what is not kept one by one is summed by source (kind REST), so that parts add up to the score.
    """

    __tablename__ = "slates"
    __table_args__ = (Index("ix_slates_user_time", "user_id", "served_at"), Index("ix_slates_time", "served_at"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), info=person_column_info(PersonalData.RECOMMENDED, learned=True)
    )
    placement: Mapped[str] = mapped_column(String(40))
    context_course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="SET NULL"))
    served_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    model_version: Mapped[str | None] = mapped_column(String(64))
    policy_version: Mapped[str] = mapped_column(String(32))
    arm: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[list[Any] | None] = mapped_column(CompressedJson)


class Impression(db.Model):  # type: ignore[misc,name-defined]
    """A place of a slate, from 1. It was served when the slate was; `seen_at` is when at least half of the card had been visible for a
    second, or when something on it was pressed, `clicked_at` when it was first opened. `propensity` is the chance the course had of this
    place, `reason` the kind of the reason shown."""

    __tablename__ = "impressions"
    # No index by course: a page's places would go to as many of its leaves (250 KB of log a view), and what is asked by course is asked of
    # the daily counts, or of slates since a moment. Deleting a course reads all places; courses are withdrawn, not deleted.
    __table_args__ = ({"sqlite_with_rowid": False},)

    slate_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("slates.id", ondelete="CASCADE"),
        primary_key=True,
        info=owner_column_info(PersonalData.RECOMMENDED, "slates.user_id"),
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    propensity: Mapped[float] = mapped_column(default=1.0)
    reason: Mapped[str | None] = mapped_column(String(24))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    clicked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
