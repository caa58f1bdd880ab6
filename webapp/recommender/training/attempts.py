"""Attempts of all learners, which the chance to finish is learned from, streamed. Brings pandas: import it where training begins."""

from datetime import datetime

import numpy as np
import pandas as pd

from recsys.completion.attempt_frames import AttemptColumns, attempts_from_frame
from recsys.completion.attempts import Attempts
from recsys.types import Columns
from webapp.recommender.serving.attempts import active_days_statement, attempt_row, enrollments_statement
from webapp.recommender.training.stream import stream

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


def attempts_frame(user_id: int | None = None) -> pd.DataFrame:
    """All enrollments, or one learner's, in the columns of recsys.completion.attempt_frames; times in seconds.

    `timestamp` is NaN where the source of the enrollment knew its order only. Weekly time and level are those stated now: what was
    stated when enrolling is not kept.
    """
    rows = [attempt_row(*row) for row in stream(enrollments_statement(user_id))]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    return frame.astype(dict.fromkeys((Columns.TIMESTAMP, *_COLUMNS[5:9]), np.float64))


def activity_frame(user_id: int | None = None) -> pd.DataFrame:
    """`user_id, timestamp`: one row per learner and day with events, the moment of the day's last; events without a time left out."""
    rows = [(user, at.timestamp()) for user, at in stream(active_days_statement(user_id))]
    return pd.DataFrame(rows, columns=[Columns.USER, Columns.TIMESTAMP])


def read_attempts(at: datetime) -> Attempts:
    """All enrollments as attempts, outcomes as known at `at`."""
    return attempts_from_frame(attempts_frame(), now=at.timestamp())
