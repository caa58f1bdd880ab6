"""Attempts of one learner, from which the chance to finish is estimated; the rows that training reads are made here too."""

from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Select, String, exists, func, select, type_coerce

from recsys.completion.attempts import Attempts, OneAttempt, attempts_of_learner
from webapp.extensions import db
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Event
from webapp.models.user import Profile
from webapp.support.sql_day import utc_day

Statement = Select[*tuple[Any, ...]]


def attempts_of(user_id: int, at: datetime, without: int | None = None) -> Attempts:
    """One learner's enrollments as attempts, outcomes as known at `at`, the one in the course `without` left out; one statement.

    Those whose source knew their order only are left out too.
    """
    rows = (attempt_row(*row) for row in db.session.execute(enrollments_statement(user_id)))
    return attempts_of_learner([_attempt(row) for row in rows if row[1] != without and row[2] == row[2]], at.timestamp())


def activity_of(user_id: int) -> npt.NDArray[np.float64]:
    """Moments one learner was here as in `activity_frame`, in seconds; one statement."""
    return np.array([at.timestamp() for _, at in db.session.execute(active_days_statement(user_id))], np.float64)


def enrollments_statement(user_id: int | None) -> Statement:
    """Select the columns that `attempt_row` takes: of one learner's enrollments, or of all where `user_id` is None."""
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


def active_days_statement(user_id: int | None) -> Statement:
    """Select learner and moment of the last dated event of each day: of one learner, or of all where `user_id` is None."""
    day = utc_day(Event.occurred_at)
    query = (
        select(Event.user_id, func.max(Event.occurred_at))
        .where(Event.user_id.is_not(None), Event.course_id.is_not(None), Event.time_is_order.is_(False))
        .group_by(Event.user_id, day)
        .order_by(Event.user_id, day)
    )
    return query if user_id is None else query.where(Event.user_id == user_id)


def attempt_row(
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
    """An enrollment as a row in the order of the columns of `attempts_frame`; times in seconds, progress as a share."""
    completed, dropped = status == EnrollmentStatus.COMPLETED.value, status == EnrollmentStatus.DROPPED.value
    # Dropping touches the enrollment, so its last activity is when it was dropped.
    ended = completed_at if completed else last_active_at if dropped else None
    start = np.nan if only_order else enrolled_at.timestamp()
    moments = (np.nan if ended is None else ended.timestamp(), last_active_at.timestamp())
    return (user_id, course_id, start, completed, dropped, percent / 100, *moments, weekly, level)


def _attempt(row: tuple[Any, ...]) -> OneAttempt:
    _, course_id, start, completed, dropped, progress, ended, last, _, _ = row
    return OneAttempt(str(course_id), start, last, completed, dropped, progress, None if np.isnan(ended) else ended)
