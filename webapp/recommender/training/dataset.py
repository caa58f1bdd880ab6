"""Training data: the event log as the frame recsys trains on, streamed in chunks of whole learners so that a million rows fit anywhere."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pandas as pd
from sqlalchemy import String, func, select, type_coerce

from recsys.types import Columns, Item
from webapp.extensions import db
from webapp.models.event import Event, Feedback, SavedCourse
from webapp.recommender.serving.catalog import load_items
from webapp.recommender.serving.engagement import LOGGED_KINDS, SIGNALS, EngagementRow, WeightedPairs, weighted_pairs
from webapp.recommender.training.stream import stream
from webapp.registries.events import VERDICTS, EventKind
from webapp.support.clock import now

_CHUNK = 100_000


def catalog_items() -> list[Item]:
    """All published courses."""
    return list(load_items().values())


def interactions_frame(chunk: int = _CHUNK) -> pd.DataFrame:
    """`user_id, item_id, timestamp, weight`, a row per learner and course, each learner's oldest first.

    `timestamp` is seconds since the epoch, NaN where only the order is known. About `chunk` events are held as Python objects
    at a time.
    """
    latest = _latest_moment()
    parts = [weighted_pairs(rows, latest, faint_views=False) for rows in _chunks(chunk)]
    return _frame_of_pairs(parts)


def _frame_of_pairs(parts: list[WeightedPairs]) -> pd.DataFrame:
    """Ids stay numbers here, which is compact; recsys reads them as text."""
    return pd.DataFrame(
        {
            Columns.USER: np.concatenate([p.user for p in parts]),
            Columns.ITEM: np.concatenate([p.course for p in parts]),
            Columns.TIMESTAMP: np.concatenate([p.timestamp for p in parts]),
            Columns.WEIGHT: np.concatenate([p.weight for p in parts]),
        }
    )


def _latest_moment() -> float | None:
    """The newest dated event: weights fade towards it, so that equal tables give equal weights whenever they are read. An event in the
    future, as a clock that was ahead has stamped it, would make everything else old."""
    latest = db.session.scalar(select(func.max(Event.occurred_at)).where(Event.time_is_order.is_(False), Event.occurred_at <= now()))
    return latest.timestamp() if latest else None


def _chunks(size: int) -> Iterator[list[EngagementRow]]:
    """Rows of the log and of the verdicts in force, each chunk with all there is of its learners."""
    in_force = _feedback_rows()
    chunk: list[EngagementRow] = []
    current: int | None = None
    for row in _event_rows():
        if row.user_id != current:
            if len(chunk) >= size:
                yield chunk
                chunk = []
            current = row.user_id
            chunk.extend(in_force.pop(current, ()))
        chunk.append(row)
    yield chunk + [row for rows in in_force.values() for row in rows]


def _event_rows() -> Iterator[EngagementRow]:
    columns = (
        Event.user_id,
        Event.course_id,
        type_coerce(Event.kind, String).label("kind"),
        Event.value,
        Event.occurred_at,
        Event.time_is_order,
    )
    query = (
        select(*columns)
        .where(Event.user_id.is_not(None), Event.course_id.is_not(None), Event.kind.in_(LOGGED_KINDS))
        .order_by(Event.user_id, Event.occurred_at, Event.id)
    )
    for user_id, course_id, kind, value, at, ordinal in stream(query):
        # Both ids are there: the statement leaves out rows without them.
        yield EngagementRow(user_id, course_id, SIGNALS[kind], value, at.timestamp(), ordinal)


def _feedback_rows() -> dict[int, list[EngagementRow]]:
    """Verdicts and saved courses in force, by learner."""
    rows: dict[int, list[EngagementRow]] = defaultdict(list)
    verdicts = select(Feedback.user_id, Feedback.course_id, type_coerce(Feedback.kind, String), Feedback.created_at)
    for user_id, course_id, kind, at in db.session.execute(verdicts.where(Feedback.kind.in_(VERDICTS)).order_by(Feedback.id)):
        rows[user_id].append(_feedback_row(user_id, course_id, SIGNALS[kind], at))
    saved = select(SavedCourse.user_id, SavedCourse.course_id, SavedCourse.saved_at).order_by(SavedCourse.id)
    for user_id, course_id, at in db.session.execute(saved):
        rows[user_id].append(_feedback_row(user_id, course_id, SIGNALS[EventKind.SAVE], at))
    return dict(rows)


def _feedback_row(user_id: int, course_id: int, name: str, at: datetime) -> EngagementRow:
    return EngagementRow(user_id, course_id, name, None, at.timestamp())
