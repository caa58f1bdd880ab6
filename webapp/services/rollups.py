"""Rollups: daily counts, ratings, and what many learners do together, written from the rows they come from. Jobs, imports and ratings
call these; pages read what they wrote."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from webapp.analytics.daily import (
    course_counts_statement,
    course_impressions_statement,
    last_counted_day,
    placement_counts,
    placement_enrollments,
)
from webapp.extensions import db
from webapp.models.course import Course, CourseStatus
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Event
from webapp.models.rollup import SMALLEST_GROUP, STARTED_LATELY, CourseDay, CoursePair, CourseStats, GoalCourse, PlacementDay
from webapp.models.user import Profile
from webapp.queries.ratings import ratings_in_force
from webapp.registries.events import COUNTED_DAILY, EventKind
from webapp.services.housekeeping import KEEP_VISITOR_SLATES
from webapp.services.inserts import insert_for
from webapp.support.clock import now

BEGINNING = date(1970, 1, 1)
_BATCH = 1_000
_EVENT_COUNTS = tuple(kind.spec.daily for kind in COUNTED_DAILY)
_SLATE_COUNTS = ("served", "seen", "clicked")
_PLACEMENT_COUNTS = ("slates", *_SLATE_COUNTS, "enrolled")
ATTRIBUTION = timedelta(days=7)
"""How long after a slate was served what is seen, clicked and enrolled in from it counts for its day. Later it is stored, not counted."""
_AGAIN = timedelta(days=1)  # the day before may have been counted before it was over


def roll_up(since: date | None = None) -> int:
    """Bring the daily counts up to date, from `since` on or from the day before the last one counted; how many rows were written.

    A second time changes nothing; what is gone meanwhile, as with an erased person, is no longer counted. Views of visitors, which are
    counted as they happen, stay; so do counts of days of which slates have been removed for their age.
    """
    counted = last_counted_day()
    first = since or _first_day_to_count(counted)
    first_of_slates = max(first, _first_day_with_all_slates(counted))
    recount_recent_starts()
    return _roll_up_courses(first, first_of_slates) + _roll_up_placements(first_of_slates)


def recount_attribution_days() -> int:
    """Count anew the days for which something may still have been seen, clicked or enrolled in late; how many rows were written."""
    return roll_up(min(_first_day_to_count(last_counted_day()), now().date() - ATTRIBUTION))


def rebuild_rollups() -> None:
    """Count everything anew: rows of any day have come in."""
    roll_up(BEGINNING)
    recount_ratings()
    recount_course_takers_by_goal()


def _first_day_to_count(counted: date | None) -> date:
    return BEGINNING if counted is None else min(counted, now().date()) - _AGAIN


def _first_day_with_all_slates(counted: date | None) -> date:
    """The first day of which no slate has been removed; the beginning where none has been counted yet, so that none is lost by it."""
    return BEGINNING if counted is None else (now() - KEEP_VISITOR_SLATES).date() + timedelta(days=1)


def _roll_up_courses(since: date, slates_since: date) -> int:
    rows: dict[tuple[int, str], dict[str, Any]] = defaultdict(dict)
    for statement in (course_counts_statement(since), course_impressions_statement(slates_since)):
        for row in db.session.execute(statement).mappings():
            rows[row["course_id"], row["day"]].update(row)
    _clear_days(CourseDay, _EVENT_COUNTS, since)
    _clear_days(CourseDay, _SLATE_COUNTS, slates_since)
    limit = slates_since.isoformat()
    without_slates = [row for row in rows.values() if row["day"] < limit]
    whole = [row for row in rows.values() if row["day"] >= limit]
    return sum(_upsert(CourseDay, ("course_id", "day"), part) for part in (without_slates, whole))


def _roll_up_placements(since: date) -> int:
    key = ("day", "placement", "policy_version", "model_version", "arm")
    rows: dict[tuple[str, ...], dict[str, Any]] = defaultdict(dict)
    for statement in (placement_counts(since), placement_enrollments(since)):
        for row in db.session.execute(statement).mappings():
            rows[tuple(row[name] for name in key)].update(row)
    _clear_days(PlacementDay, _PLACEMENT_COUNTS, since)
    return _upsert(PlacementDay, key, rows.values())


def _clear_days(model: Any, names: Sequence[str], since: date) -> None:
    """Set counts of days that are counted anew to 0: of some nothing may be left that could be counted."""
    counted = or_(*(getattr(model, name) != 0 for name in names))
    statement = update(model).where(model.day >= since, counted).values(dict.fromkeys(names, 0))
    db.session.execute(statement, execution_options={"synchronize_session": False})


def _upsert(model: Any, key: Sequence[str], rows: Iterable[dict[str, Any]]) -> int:
    """Write rows under their key; counts that a row does not name become 0, columns that no row ever names stay."""
    plain = [row | {"day": date.fromisoformat(row["day"])} for row in rows]
    named = {name for row in plain for name in row} - set(key)
    plain = [dict.fromkeys(named, 0) | row for row in plain]
    _write(model, key, named, plain)
    return len(plain)


def _write(model: Any, key: Sequence[str], names: Collection[str], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; where one has the key already, the columns named take the new values."""
    for start in range(0, len(rows), _BATCH):
        rows_in = insert_for(model).values(rows[start : start + _BATCH])
        news = {name: rows_in.excluded[name] for name in names}
        db.session.execute(rows_in.on_conflict_do_update(index_elements=list(key), set_=news))


def recount_ratings(course_ids: Collection[int] | None = None) -> None:
    """Make the ratings of these courses (default: of all) what the log says: of each learner the newest one counts."""
    rated = ratings_in_force(course_ids)
    counts = select(rated.c.course_id, func.count().label("rating_count"), func.sum(rated.c.value).label("rating_sum")).group_by(
        rated.c.course_id
    )
    _replace_stats(("rating_count", "rating_sum"), counts, course_ids)


def recount_recent_starts() -> None:
    """Make the numbers of learners who started a course lately what the log says; imported enrollments of which the order alone is known
    do not count."""
    counts = (
        select(Event.course_id, func.count(Event.user_id.distinct()).label("recent_starts"))
        .where(Event.course_id.in_(select(Course.id)), Event.kind == EventKind.ENROLL, Event.occurred_at >= now() - STARTED_LATELY)
        .where(Event.time_is_order.is_(False))
        .group_by(Event.course_id)
    )
    _replace_stats(("recent_starts",), counts)


def _replace_stats(names: Sequence[str], counts: Any, course_ids: Collection[int] | None = None) -> None:
    """Put counts (course_id and the columns named) in place of those there were; courses without one get 0."""
    stale = update(CourseStats).values(dict.fromkeys(names, 0))
    if course_ids is not None:
        stale = stale.where(CourseStats.course_id.in_(course_ids))
    db.session.execute(stale, execution_options={"synchronize_session": False})
    _write(CourseStats, ("course_id",), names, [dict(row) for row in db.session.execute(counts).mappings()])


def recount_course_takers_by_goal() -> None:
    """Make what learners with a career goal take (but did not leave) what the enrollments say; small groups are left out."""
    learners = func.count()
    taken = (
        select(Profile.goal_id, Enrollment.course_id, learners)
        .join(Profile, Profile.user_id == Enrollment.user_id)
        .join(Course, Course.id == Enrollment.course_id)
        .where(Profile.goal_id.is_not(None), Enrollment.status != EnrollmentStatus.DROPPED, Course.status == CourseStatus.PUBLISHED)
        .group_by(Profile.goal_id, Enrollment.course_id)
        .having(learners >= SMALLEST_GROUP)
    )
    db.session.execute(delete(GoalCourse))
    db.session.execute(insert_for(GoalCourse).from_select(["goal_id", "course_id", "learners"], taken))


def replace_course_pairs(rows: Sequence[dict[str, int]]) -> None:
    """Put new counts of the order in which courses are taken in place of the old ones."""
    db.session.execute(delete(CoursePair))
    if rows:
        db.session.execute(insert(CoursePair), list(rows))
