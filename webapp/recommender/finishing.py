"""Enrollments as the attempts that the chance to finish is learned from, streamed. Brings pandas: import it where training begins."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Select, String, exists, func, select, type_coerce

from recsys.completion.attempts import AttemptColumns, Attempts, OneAttempt, attempts_from_frame, attempts_of_learner
from recsys.types import Columns
from webapp.extensions import db
from webapp.models import Enrollment, EnrollmentStatus, Event, Profile

_FETCH = 20_000
_COLUMNS = (
    Columns.USER,
    Columns.ITEM,
    Columns.TIMESTAMP,
    AttemptColumns.COMPLETED,
    AttemptColumns.DROPPED,
    AttemptColumns.PROGRESS,
    AttemptColumns.ENDED,
    AttemptColumns.LAST_ACTIVE,
    AttemptColumns.WEEKLY,
    AttemptColumns.LEVEL,
)
Statement = Select[*tuple[Any, ...]]


def attempts_frame(user_id: int | None = None) -> pd.DataFrame:
    """All enrollments, or one learner's, in the columns of recsys.completion.attempts; times in seconds.

    `timestamp` is NaN where the source of the enrollment knew its order only. Weekly time and level are those stated now: what was
    stated when enrolling is not kept.
    """
    rows = [_row(*row) for row in _stream(_enrollments(user_id))]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    return frame.astype(dict.fromkeys((Columns.TIMESTAMP, *_COLUMNS[5:9]), np.float64))


def activity_frame(user_id: int | None = None) -> pd.DataFrame:
    """`user_id, timestamp`: one row per learner and day with events, the moment of the day's last; events without a time left out."""
    rows = [(user, at.timestamp()) for user, at in _stream(_active_days(user_id))]
    return pd.DataFrame(rows, columns=[Columns.USER, Columns.TIMESTAMP])


def read_attempts(at: datetime) -> Attempts:
    """All enrollments as attempts, outcomes as known at `at`."""
    return attempts_from_frame(attempts_frame(), now=at.timestamp())


def attempts_of(user_id: int, at: datetime, without: int | None = None) -> Attempts:
    """One learner's enrollments as attempts, outcomes as known at `at`, the one in the course `without` left out; one statement.

    Those whose source knew their order only are left out too.
    """
    rows = (_row(*row) for row in db.session.execute(_enrollments(user_id)))
    return attempts_of_learner([_one(row) for row in rows if row[1] != without and row[2] == row[2]], at.timestamp())


def activity_of(user_id: int) -> npt.NDArray[np.float64]:
    """Moments one learner was here as in `activity_frame`, in seconds; one statement."""
    return np.array([at.timestamp() for _, at in db.session.execute(_active_days(user_id))], np.float64)


def _enrollments(user_id: int | None) -> Statement:
    only_order = exists().where(Event.user_id == Enrollment.user_id, Event.course_id == Enrollment.course_id, Event.time_is_order.is_(True))
    query = (
        select(
            Enrollment.user_id,
            Enrollment.course_id,
            type_coerce(Enrollment.status, String),
            Enrollment.percent,
            Enrollment.enrolled_at,
            Enrollment.last_active_at,
            Enrollment.completed_at,
            Profile.weekly_minutes,
            Profile.level,
            only_order,
        )
        .outerjoin(Profile, Profile.user_id == Enrollment.user_id)
        .order_by(Enrollment.user_id, Enrollment.enrolled_at, Enrollment.id)
    )
    return query if user_id is None else query.where(Enrollment.user_id == user_id)


def _active_days(user_id: int | None) -> Statement:
    day = func.date(Event.occurred_at)
    query = (
        select(Event.user_id, func.max(Event.occurred_at))
        .where(Event.user_id.is_not(None), Event.course_id.is_not(None), Event.time_is_order.is_(False))
        .group_by(Event.user_id, day)
        .order_by(Event.user_id, day)
    )
    return query if user_id is None else query.where(Event.user_id == user_id)


def _one(row: tuple[Any, ...]) -> OneAttempt:
    _, course_id, start, completed, dropped, progress, ended, last, _, _ = row
    return OneAttempt(str(course_id), start, last, completed, dropped, progress, None if np.isnan(ended) else ended)


def _stream(query: Statement) -> Iterator[Any]:
    for partition in db.session.connection().execute(query.execution_options(yield_per=_FETCH)).partitions():
        yield from partition


def _row(
    user_id: int,
    course_id: int,
    status: str,
    percent: int,
    enrolled_at: datetime,
    last_active_at: datetime,
    completed_at: datetime | None,
    weekly: int | None,
    level: str | None,
    only_order: bool,
) -> tuple[Any, ...]:
    completed, dropped = status == EnrollmentStatus.COMPLETED.value, status == EnrollmentStatus.DROPPED.value
    # Dropping touches the enrollment, so its last activity is when it was dropped.
    ended = completed_at if completed else last_active_at if dropped else None
    start = np.nan if only_order else enrolled_at.timestamp()
    moments = (np.nan if ended is None else ended.timestamp(), last_active_at.timestamp())
    return (user_id, course_id, start, completed, dropped, percent / 100, *moments, weekly, level)
