"""Rollups: daily counts, ratings, and what many learners do together, written from the rows they come from. Jobs, imports and ratings
call these; pages read what they wrote."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, text, update

from webapp.analytics.daily import (
    course_counts_statement,
    course_impressions_statement,
    last_counted_day,
    placement_counts_statement,
    placement_enrollments_statement,
)
from webapp.extensions import db
from webapp.models.course import Course, CourseStatus
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Event
from webapp.models.operations import INTERACTIONS_IMPORT, ImportRun
from webapp.models.rollup import SMALLEST_GROUP, STARTED_LATELY, CourseDay, CoursePair, CourseStats, GoalCourse, PlacementDay
from webapp.models.user import Profile
from webapp.queries.ratings import ratings_in_force
from webapp.registries.events import COUNTED_DAILY, EventKind
from webapp.services.housekeeping import KEEP_VISITOR_SLATES, find_miscounted_courses, recount_courses
from webapp.services.insert_on_conflict import insert_for
from webapp.support.clock import now

BEGINNING = date(1970, 1, 1)
_BATCH = 1_000
_GROUP_ROWS = 5_000  # are written in a fraction of a second, for which others who write wait
_EVENT_COUNTS = tuple(kind.spec.daily for kind in COUNTED_DAILY)
_SLATE_COUNTS = ("served", "seen", "clicked")
_RATING_COUNTS = ("rating_count", "rating_sum")
_UNRATED = (0, 0.0)
_PLACEMENT_KEY = ("day", "placement", "policy_version", "model_version", "arm")
_PLACEMENT_COUNTS = ("slates", *_SLATE_COUNTS, "enrolled")
ATTRIBUTION = timedelta(days=7)
"""How long after a slate was served what is seen, clicked and enrolled in from it counts for its day. Later it is stored, not counted."""
_AGAIN = timedelta(days=1)  # the day before may have been counted before it was over

Row = dict[str, Any]
ImportsMark = tuple[int, datetime | None]


@dataclass(frozen=True, slots=True)
class DayGroup:
    """What was counted for the days from `first` up to `end` (None: all that follow). Of days before `slates_since` no slates were."""

    first: date
    end: date | None
    slates_since: date
    courses: Sequence[Row]
    placements: Sequence[Row]


@dataclass(frozen=True, slots=True)
class CountedDays:
    """What the log says, counted and not stored yet: daily counts by groups of days, the oldest first, and who started courses lately.

    `imports` marks the imports of events that had come to count everything anew by then.
    """

    groups: Sequence[DayGroup]
    recent_starts: Sequence[Row]
    imports: ImportsMark


def roll_up(since: date | None = None) -> int:
    """Bring the daily counts up to date, from `since` on or from the day before the last one counted; how many rows were written.

    A second time changes nothing; what is gone meanwhile, as with an erased person, is no longer counted. Views of visitors, which are
    counted as they happen, stay; so do counts of days of which slates have been removed for their age.
    """
    return store_all(count_days(since))


def rebuild_rollups() -> None:
    """Count everything anew: rows of any day have come in."""
    roll_up(BEGINNING)
    recount_ratings()
    replace_course_takers_by_goal(course_takers_by_goal())


def count_days(since: date | None = None) -> CountedDays:
    """The part of `roll_up` that reads, which takes long: it writes nothing, so it needs no lock."""
    counted = last_counted_day()
    first = since or _first_day_to_count(counted)
    first_of_slates = max(first, _first_day_with_all_slates(counted))
    courses, placements = _course_days(first, first_of_slates), _placement_days(first_of_slates)
    groups = _groups_of_days(first, first_of_slates, courses, placements)
    return CountedDays(groups, _recent_starts(), _imports_that_counted())


def count_attribution_days() -> CountedDays:
    """Counts, anew, of the days for which something may still have been seen, clicked or enrolled in late. It writes nothing."""
    return count_days(min(_first_day_to_count(last_counted_day()), now().date() - ATTRIBUTION))


def store_days(group: DayGroup, counted: CountedDays) -> int:
    """Put what was counted for a group of days in place of what stands there; how many rows were written.

    Groups are stored in their order: counting goes on from the last day stored. Nothing is written where an import of events has begun
    in the meantime to count everything anew: its counts are the newer ones.
    """
    _lock_days()
    if _imports_that_counted() != counted.imports:
        return 0
    _clear_days(CourseDay, _EVENT_COUNTS, group.first, group.end)
    slates_since = max(group.first, group.slates_since)
    _clear_days(CourseDay, _SLATE_COUNTS, slates_since, group.end)
    _clear_days(PlacementDay, _PLACEMENT_COUNTS, slates_since, group.end)
    limit = slates_since.isoformat()
    without_slates = [row for row in group.courses if row["day"] < limit]
    whole = [row for row in group.courses if row["day"] >= limit]
    written = sum(_upsert(CourseDay, ("course_id", "day"), part) for part in (without_slates, whole))
    return written + _upsert(PlacementDay, _PLACEMENT_KEY, group.placements)


def store_recent_starts(counted: CountedDays) -> None:
    """Put the numbers of learners who started a course lately in place of those there were, as in `store_days`."""
    if _imports_that_counted() == counted.imports:
        _replace_stats(("recent_starts",), counted.recent_starts)


def store_all(counted: CountedDays) -> int:
    """Put all that was counted in place of what stands there, within one unit of work; how many rows were written."""
    store_recent_starts(counted)
    return sum(store_days(group, counted) for group in counted.groups)


def _first_day_to_count(counted: date | None) -> date:
    return BEGINNING if counted is None else min(counted, now().date()) - _AGAIN


def _first_day_with_all_slates(counted: date | None) -> date:
    """The first day of which no slate has been removed, or the first that has never been counted: of that nothing can be lost. The
    beginning where none has been counted yet."""
    if counted is None:
        return BEGINNING
    return min((now() - KEEP_VISITOR_SLATES).date(), counted) + timedelta(days=1)


def _lock_days() -> None:
    """Wait for whoever else stores days, an import or another job, before asking whose counts are newer. On SQLite who writes is alone."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"lock table {PlacementDay.__tablename__} in exclusive mode"))  # pages read it all the same


def _imports_that_counted() -> ImportsMark:
    """A mark of the imports of events that have begun to count everything anew, or ended: another mark, other events."""
    imports = select(func.count(ImportRun.id), func.max(ImportRun.finished_at))
    count, last = db.session.execute(imports.where(ImportRun.kind == INTERACTIONS_IMPORT, ImportRun.finished_at.is_not(None))).one()
    return count, last


def _course_days(since: date, slates_since: date) -> list[Row]:
    rows: dict[tuple[int, str], dict[str, Any]] = defaultdict(dict)
    for statement in (course_counts_statement(since), course_impressions_statement(slates_since)):
        for row in db.session.execute(statement).mappings():
            rows[row["course_id"], row["day"]].update(row)
    return list(rows.values())


def _placement_days(since: date) -> list[Row]:
    rows: dict[tuple[str, ...], dict[str, Any]] = defaultdict(dict)
    for statement in (placement_counts_statement(since), placement_enrollments_statement(since)):
        for row in db.session.execute(statement).mappings():
            rows[tuple(row[name] for name in _PLACEMENT_KEY)].update(row)
    return list(rows.values())


def _groups_of_days(first: date, slates_since: date, courses: Iterable[Row], placements: Iterable[Row]) -> list[DayGroup]:
    """What was counted, cut between days where about _GROUP_ROWS have come together; the last group has no end."""
    by_day: dict[date, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for place, rows in enumerate((courses, placements)):
        for row in rows:
            by_day[date.fromisoformat(row["day"])][place].append(row)
    parts: list[tuple[date, list[Row], list[Row]]] = [(first, [], [])]
    for day, (of_courses, of_placements) in sorted(by_day.items()):
        if len(parts[-1][1]) + len(parts[-1][2]) >= _GROUP_ROWS:
            parts.append((day, [], []))
        parts[-1][1].extend(of_courses)
        parts[-1][2].extend(of_placements)
    ends = [*(start for start, *_rows in parts[1:]), None]
    return [DayGroup(start, end, slates_since, *rows) for (start, *rows), end in zip(parts, ends, strict=True)]


def _clear_days(model: Any, names: Sequence[str], since: date, end: date | None) -> None:
    """Set counts of days that are counted anew to 0: of some nothing may be left that could be counted."""
    counted = or_(*(getattr(model, name) != 0 for name in names))
    statement = update(model).where(model.day >= since, counted).values(dict.fromkeys(names, 0))
    if end is not None:
        statement = statement.where(model.day < end)
    db.session.execute(statement, execution_options={"synchronize_session": False})


def _upsert(model: Any, key: Sequence[str], rows: Iterable[Row]) -> int:
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
    _replace_stats(_RATING_COUNTS, _rows_of(_rating_counts(course_ids)), course_ids)


def find_misrated_courses() -> list[int]:
    """Courses whose stored ratings are not what the log says. It writes nothing, so it needs no lock."""
    said = {row["course_id"]: (row["rating_count"], row["rating_sum"]) for row in _rows_of(_rating_counts())}
    stats = _rows_of(select(CourseStats.course_id, CourseStats.rating_count, CourseStats.rating_sum))
    stored = {row["course_id"]: (row["rating_count"], row["rating_sum"]) for row in stats}
    every = said.keys() | stored.keys()
    return sorted(course_id for course_id in every if said.get(course_id, _UNRATED) != stored.get(course_id, _UNRATED))


RECOUNTS: tuple[tuple[Callable[[], Sequence[int]], Callable[[Sequence[int]], None]], ...] = (
    (find_miscounted_courses, recount_courses),
    (find_misrated_courses, recount_ratings),
)
"""What finds courses with wrong counts, without a lock, and what counts those again."""
RECOUNTED_AT_ONCE = 100  # courses, in a short unit of work


def _rating_counts(course_ids: Collection[int] | None = None) -> Select[Any]:
    rated = ratings_in_force(course_ids)
    counts = select(rated.c.course_id, func.count().label("rating_count"), func.sum(rated.c.value).label("rating_sum"))
    return counts.group_by(rated.c.course_id)


def _recent_starts() -> list[Row]:
    """How many learners started each course lately, by the log; imported enrollments of which the order alone is known do not count, nor do
    those stamped in the future by a clock that was ahead."""
    moment = now()
    counts = (
        select(Event.course_id, func.count(Event.user_id.distinct()).label("recent_starts"))
        .where(Event.course_id.in_(select(Course.id)), Event.kind == EventKind.ENROLL, Event.time_is_order.is_(False))
        .where(Event.occurred_at >= moment - STARTED_LATELY, Event.occurred_at <= moment)
        .group_by(Event.course_id)
    )
    return _rows_of(counts)


def _rows_of(counts: Any) -> list[Row]:
    return [dict(row) for row in db.session.execute(counts).mappings()]


def _replace_stats(names: Sequence[str], rows: Sequence[Row], course_ids: Collection[int] | None = None) -> None:
    """Put counts (course_id and the columns named) in place of those there were; courses without one get 0."""
    stale = update(CourseStats).values(dict.fromkeys(names, 0))
    if course_ids is not None:
        stale = stale.where(CourseStats.course_id.in_(course_ids))
    db.session.execute(stale, execution_options={"synchronize_session": False})
    _write(CourseStats, ("course_id",), names, rows)


def course_takers_by_goal() -> list[Row]:
    """Rows of GoalCourse: what learners with a career goal take (but did not leave), by the enrollments; small groups are left out. It
    reads all of them, which takes long and needs no lock."""
    learners = func.count()
    return _rows_of(
        select(Profile.goal_id, Enrollment.course_id, learners.label("learners"))
        .join(Profile, Profile.user_id == Enrollment.user_id)
        .join(Course, Course.id == Enrollment.course_id)
        .where(Profile.goal_id.is_not(None), Enrollment.status != EnrollmentStatus.DROPPED, Course.status == CourseStatus.PUBLISHED)
        .group_by(Profile.goal_id, Enrollment.course_id)
        .having(learners >= SMALLEST_GROUP)
    )


def replace_course_takers_by_goal(rows: Sequence[Row]) -> None:
    """Put new counts of what learners with a career goal take in place of the old ones."""
    _replace_all(GoalCourse, ("goal_id", "course_id"), ("learners",), rows)


def replace_course_pairs(rows: Sequence[Row]) -> None:
    """Put new counts of the order in which courses are taken in place of the old ones."""
    _replace_all(CoursePair, ("first_id", "second_id"), ("both", "after", "before"), rows)


def _replace_all(model: Any, key: Sequence[str], names: Collection[str], rows: Sequence[Row]) -> None:
    """Put rows in place of all there were. On PostgreSQL those of another job that does the same may come in between: the later counts."""
    db.session.execute(delete(model))
    _write(model, key, names, rows)
