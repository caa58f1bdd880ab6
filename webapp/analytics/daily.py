"""Daily counts: what happened with courses and placements, by day (UTC). The one definition behind rollups and dashboards."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, func, or_, select

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.event import Event
from webapp.models.rollup import CourseDay, PlacementDay
from webapp.models.slate import Impression, Slate
from webapp.registries.events import COUNTED_DAILY, EventKind
from webapp.support.clock import now
from webapp.support.sql_day import utc_day

Statement = Select[*tuple[Any, ...]]


def start_of_day(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time(), UTC)


def last_counted_day() -> date | None:
    """The newest day of which the rollups hold anything that was counted for them, None where they hold nothing. Days before it are
    whole; it was perhaps not over when it was counted. Views of visitors, which are counted as they happen, say nothing about that, and
    days to come, as a clock that was ahead has stamped them, nothing about the days before."""
    today = now().date()
    counted = or_(*(getattr(CourseDay, kind.spec.daily) > 0 for kind in COUNTED_DAILY), CourseDay.served > 0)
    days = (
        db.session.scalar(select(func.max(PlacementDay.day)).where(PlacementDay.day <= today)),
        db.session.scalar(select(CourseDay.day).where(counted, CourseDay.day <= today).order_by(CourseDay.day.desc()).limit(1)),
    )
    return max((day for day in days if day is not None), default=None)


def course_counts_statement(since: date, course_ids: Collection[int] | None = None) -> Statement:
    """`course_id, day` (as text, YYYY-MM-DD) and the counts of CourseDay that come from events and slates, from `since` on.

    Only what is dated counts, and of events only those of accounts.
    """
    courses = select(Course.id) if course_ids is None else course_ids
    day = utc_day(Event.occurred_at).label("day")
    counts = [func.count().filter(Event.kind == kind).label(kind.spec.daily) for kind in COUNTED_DAILY]
    return (
        select(Event.course_id, day, *counts)
        .where(Event.course_id.in_(courses), Event.kind.in_(COUNTED_DAILY), Event.occurred_at >= start_of_day(since))
        .where(Event.time_is_order.is_(False), Event.user_id.is_not(None))
        .group_by(Event.course_id, day)
    )


def course_impressions_statement(since: date, course_ids: Collection[int] | None = None) -> Statement:
    """`course_id, day, served, seen, clicked`: places of slates served from `since` on."""
    day = utc_day(Slate.served_at).label("day")
    query = (
        select(Impression.course_id, day, *_impression_counts())
        .join(Slate, Slate.id == Impression.slate_id)
        .where(Slate.served_at >= start_of_day(since))
        .group_by(Impression.course_id, day)
    )
    return query if course_ids is None else query.where(Impression.course_id.in_(course_ids))


def placement_counts_statement(since: date) -> Statement:
    """The key and the counts of PlacementDay, for slates served from `since` on."""
    key = _placement_key()
    return (
        select(*_labeled(key), func.count(Slate.id.distinct()).label("slates"), *_impression_counts())
        .join(Impression, Impression.slate_id == Slate.id)
        .where(Slate.served_at >= start_of_day(since))
        .group_by(*key.values())
    )


def placement_enrollments_statement(since: date) -> Statement:
    """The key of PlacementDay, and how many enrollments name a slate of that day."""
    key = _placement_key()
    return (
        select(*_labeled(key), func.count().label("enrolled"))
        .join(Event, Event.slate_id == Slate.id)
        .where(Event.kind == EventKind.ENROLL, Event.occurred_at >= start_of_day(since), Slate.served_at >= start_of_day(since))
        .group_by(*key.values())
    )


def _placement_key() -> dict[str, ColumnElement[Any]]:
    """The key of PlacementDay by name. A statement selects and groups by the same objects: PostgreSQL takes parameters of two for two."""
    return {
        "day": utc_day(Slate.served_at),
        "placement": Slate.placement.expression,
        "policy_version": Slate.policy_version.expression,
        "model_version": func.coalesce(Slate.model_version, ""),
        "arm": func.coalesce(Slate.arm, ""),
    }


def _labeled(columns: Mapping[str, ColumnElement[Any]]) -> list[Label[Any]]:
    return [column.label(name) for name, column in columns.items()]


def _impression_counts() -> tuple[ColumnElement[int], ...]:
    return (
        func.count().label("served"),
        func.count(Impression.seen_at).label("seen"),
        func.count(Impression.clicked_at).label("clicked"),
    )
