"""Ratings in force: of what a learner said about a course the newest counts."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, Subquery, func, select

from webapp.models.event import Event
from webapp.registries.events import EventKind


def ratings_in_force(course_ids: Collection[int] | None = None) -> Subquery:
    """The newest rating of each learner, of these courses or of all, as a table with the columns of an event."""
    newest_first = (Event.occurred_at.desc(), Event.id.desc())
    place = func.row_number().over(partition_by=(Event.user_id, Event.course_id), order_by=newest_first)
    columns = (Event.id, Event.user_id, Event.course_id, Event.value, Event.occurred_at, Event.time_is_order)
    rated: Select[Any] = select(*columns, place.label("place")).where(
        Event.kind == EventKind.RATING, Event.value.is_not(None), Event.user_id.is_not(None), Event.course_id.is_not(None)
    )
    if course_ids is not None:
        rated = rated.where(Event.course_id.in_(course_ids))
    every = rated.subquery()
    return select(*(column for column in every.columns if column.key != "place")).where(every.c.place == 1).subquery("ratings_in_force")
