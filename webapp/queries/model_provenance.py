"""Provenance of models: the tables they were made of, the one before, and the sources of what each has recommended."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, cast, func, null, select

from webapp.extensions import db
from webapp.models.course import Course, CourseStatus
from webapp.models.enrollment import Enrollment
from webapp.models.event import Event, Feedback, SavedCourse
from webapp.models.operations import AuditEntry, ModelVersion
from webapp.models.slate import Slate

PERSONAL_SHELF = "recommended"
ERASURE = "model.forget"
"""The decision written down when somebody is erased of whom models may have learned."""


@dataclass(frozen=True, slots=True)
class SourceShare:
    """How much of what spoke for the courses served came from one source (0 to 1)."""

    source: str
    share: float


@dataclass(frozen=True, slots=True)
class Composition:
    """Shares of the sources in the personal shelves a model served; `slates` is how many were read."""

    slates: int
    shares: tuple[SourceShare, ...]


def recommendation_source_shares(version: str, since: datetime, slates: int = 200) -> Composition:
    """Shares of the sources in the last personal shelves of a model that serves since then, largest first, in one statement.

    Only what spoke for a course counts; what all courses have in common speaks for none of them.
    """
    newest = (
        select(Slate.detail)
        .where(Slate.served_at >= since, Slate.model_version == version, Slate.placement == PERSONAL_SHELF)
        .order_by(Slate.served_at.desc())
        .limit(slates)
    )
    served = db.session.scalars(newest).all()
    weights: defaultdict[str, float] = defaultdict(float)
    for source, kind, weight, *_ in (part for detail in served for _score, parts in detail or () for part in parts):
        if kind != "baseline":
            weights[source] += max(weight, 0.0)
    total = sum(weights.values())
    shares = [SourceShare(source, weight / total) for source, weight in weights.items() if weight > 0]
    return Composition(len(served), tuple(sorted(shares, key=lambda s: (-s.share, s.source))))


def previously_trained_model(version: ModelVersion) -> ModelVersion | None:
    """The model that was trained last before this one."""
    earlier = select(ModelVersion).where(ModelVersion.trained_at < version.trained_at, ModelVersion.id != version.id)
    return db.session.scalar(earlier.order_by(ModelVersion.trained_at.desc(), ModelVersion.id.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table a model is made of: how many rows, the highest id, and the times (ISO-8601) of the oldest and the newest."""

    name: str
    rows: int
    highest_id: int | None
    first: str | None
    last: str | None


def training_tables() -> list[TableFacts]:
    """Extent of the tables that training reads, as they are now; a statement for each table. Times that only tell an order are left out."""
    dated = (
        func.min(Event.occurred_at).filter(Event.time_is_order.is_(False)),
        func.max(Event.occurred_at).filter(Event.time_is_order.is_(False)),
    )
    return [
        _table_facts("events", select(func.count(Event.id), func.max(Event.id), *dated)),
        _table_facts("feedback", _extent(Feedback.id, Feedback.created_at)),
        _table_facts("saved_courses", _extent(SavedCourse.id, SavedCourse.saved_at)),
        _table_facts("enrollments", _extent(Enrollment.id, Enrollment.enrolled_at)),
        _table_facts("slates", _extent(cast(null(), Integer), Slate.served_at).where(Slate.placement == PERSONAL_SHELF)),
        _table_facts("courses", _extent(Course.id, Course.updated_at).where(Course.status == CourseStatus.PUBLISHED)),
    ]


def erasure_marker() -> str | None:
    """A mark of all erasures so far of people whom models may have learned from, None where there was none.

    Read it before the data: what is read later lacks these people for certain.
    """
    count, last = db.session.execute(select(func.count(AuditEntry.id), func.max(AuditEntry.at)).where(AuditEntry.action == ERASURE)).one()
    return f"{count} until {last.isoformat()}" if count else None


def _extent(number: Any, moment: Any) -> Select[*tuple[Any, ...]]:
    return select(func.count(), func.max(number), func.min(moment), func.max(moment))


def _table_facts(name: str, query: Select[*tuple[Any, ...]]) -> TableFacts:
    rows, highest, first, last = db.session.execute(query).one()
    return TableFacts(name, rows, highest, first.isoformat() if first else None, last.isoformat() if last else None)
