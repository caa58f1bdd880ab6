"""Logged slates: stored slates with their outcomes, as recsys.data.slates reads them for counterfactual evaluation and training.

write_log(logged_places(Outcome.ENROLLMENT), Path("log.csv"))
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select, tuple_

from recsys.data.slates import LoggedPlace, LoggedSlates
from webapp.extensions import db
from webapp.models.event import Event
from webapp.models.slate import Impression, Slate
from webapp.queries.model_provenance import PERSONAL_SHELF
from webapp.registries.events import EventKind
from webapp.support.clock import now

WINDOW = timedelta(days=14)
_CHUNK = 500
_SLATES = select(Slate.id, Slate.user_id, Slate.placement, Slate.served_at, Slate.detail)
_SMALLEST = 1e-5  # propensities are stored with five decimals


class Outcome(StrEnum):
    """What counts as a success of a place."""

    CLICK = "click"  # its card was opened
    ENROLLMENT = "enrollment"  # the learner enrolled in the course soon after, from this card or from nowhere in particular


class _Place(NamedTuple):
    position: int
    course_id: int
    propensity: float
    score: float


class _Served(NamedTuple):
    id: int
    user_id: int | None
    placement: str
    served_at: datetime
    places: list[_Place]


class _Taken(NamedTuple):
    course_id: int
    at: datetime


def logged_places(
    outcome: Outcome,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    window: timedelta = WINDOW,
    placements: Collection[str] = (),
) -> Iterator[LoggedPlace]:
    """Every place of the slates served from `since` to `until`, oldest first, with reward 1 where the outcome followed within
    `window` and else 0; the context is the placement.

    Slates younger than `window` are left out: what comes of them is not known yet. A stream: a few hundred slates are held at
    a time, in four statements. `placements` limits the shelves (all where empty).
    """
    last = min(until or now(), now() - window)
    for slates in _chunks(since, last, placements):
        taken = _clicks(slates, window) if outcome is Outcome.CLICK else _enrollments(slates, window)
        for slate in slates:
            yield from _places(slate, taken[slate.id])


def clicked_slates(most: int = 20_000) -> LoggedSlates | None:
    """The newest `most` personal shelves with a click of the learner they were shown to, for the blend to learn from; None where
    there are none.

    Only that shelf is in the order of the blend. A click that names the slate of somebody else, as an address can, counts for
    nobody.
    """
    own = (Event.slate_id == Slate.id) & (Event.user_id == Slate.user_id)
    clicks = select(Slate.id, Event.course_id).join(Event, own).where(Event.kind == EventKind.CLICK, Slate.placement == PERSONAL_SHELF)
    taken: defaultdict[int, set[int | None]] = defaultdict(set)
    for slate_id, course_id in db.session.execute(clicks.order_by(Slate.served_at.desc(), Slate.id)):
        if len(taken) == most and slate_id not in taken:
            break
        taken[slate_id].add(course_id)
    return LoggedSlates.from_places(_logged_places_of(taken)) if taken else None


def _logged_places_of(taken: Mapping[int, Collection[int | None]]) -> Iterator[LoggedPlace]:
    """The places of slates, by the courses clicked on each."""
    ids = list(taken)
    for start in range(0, len(ids), _CHUNK):
        query = _SLATES.where(Slate.id.in_(ids[start : start + _CHUNK])).order_by(Slate.served_at, Slate.id)
        for slate in _read(query):
            yield from _places(slate, taken[slate.id])


def _places(slate: _Served, taken: Collection[int | None]) -> Iterator[LoggedPlace]:
    """The places of a slate with reward 1 for the courses that were `taken`."""
    learner, at = "" if slate.user_id is None else str(slate.user_id), slate.served_at.timestamp()
    for place in slate.places:
        propensity, reward = max(place.propensity, _SMALLEST), float(place.course_id in taken)
        yield LoggedPlace(
            str(slate.id), learner, place.position, str(place.course_id), propensity, reward, slate.placement, at, place.score
        )


def _chunks(since: datetime | None, last: datetime, placements: Collection[str]) -> Iterator[list[_Served]]:
    """Slates in the order they were served; each chunk starts behind the one before, so that none is held open."""
    query = _SLATES.where(Slate.served_at <= last).order_by(Slate.served_at, Slate.id).limit(_CHUNK)
    if since is not None:
        query = query.where(Slate.served_at >= since)
    if placements:
        query = query.where(Slate.placement.in_(placements))
    chunk = _read(query)
    while chunk:
        yield chunk
        # Row values compare alike on both databases; the bound part keeps the time's own type.
        chunk = _read(query.where(tuple_(Slate.served_at, Slate.id) > tuple_(chunk[-1].served_at, chunk[-1].id)))


def _read(query: Any) -> list[_Served]:
    """Slates with their places, in two statements."""
    rows = db.session.execute(query).all()
    scores = {row.id: [score for score, _parts in row.detail or ()] for row in rows}
    places: defaultdict[int, list[_Place]] = defaultdict(list)
    columns = (Impression.slate_id, Impression.position, Impression.course_id, Impression.propensity)
    stored = select(*columns).where(Impression.slate_id.in_(scores)).order_by(Impression.slate_id, Impression.position)
    for slate_id, position, course_id, propensity in db.session.execute(stored):
        own = scores[slate_id]
        places[slate_id].append(_Place(position, course_id, propensity, own[position - 1] if position <= len(own) else 0.0))
    return [_Served(row.id, row.user_id, row.placement, row.served_at, places[row.id]) for row in rows]


def _clicks(slates: Sequence[_Served], window: timedelta) -> defaultdict[int, set[int]]:
    """Courses whose cards were opened, by slate."""
    served = {slate.id: slate.served_at for slate in slates}
    query = select(Event.slate_id, Event.course_id, Event.occurred_at).where(Event.kind == EventKind.CLICK, Event.slate_id.in_(served))
    clicked: defaultdict[int, set[int]] = defaultdict(set)
    for slate_id, course_id, at in db.session.execute(query):
        if slate_id is not None and course_id is not None and at <= served[slate_id] + window:
            clicked[slate_id].add(course_id)
    return clicked


def _enrollments(slates: Sequence[_Served], window: timedelta) -> defaultdict[int, set[int]]:
    """Courses of each slate the learner enrolled in within the window. An enrollment that names the card it came from counts
    for that slate alone."""
    named: defaultdict[int, list[_Taken]] = defaultdict(list)
    unnamed: defaultdict[int, list[_Taken]] = defaultdict(list)
    for user_id, course_id, slate_id, at in _enroll_events(slates, window):
        if slate_id is None:
            unnamed[user_id].append(_Taken(course_id, at))
        else:
            named[slate_id].append(_Taken(course_id, at))
    enrolled: defaultdict[int, set[int]] = defaultdict(set)
    for slate in slates:
        if slate.user_id is not None:
            taken = (*named[slate.id], *unnamed[slate.user_id])
            enrolled[slate.id] = {t.course_id for t in taken if slate.served_at <= t.at <= slate.served_at + window}
    return enrolled


def _enroll_events(slates: Sequence[_Served], window: timedelta) -> Iterable[Any]:
    learners = {slate.user_id for slate in slates if slate.user_id is not None}
    query = select(Event.user_id, Event.course_id, Event.slate_id, Event.occurred_at).where(
        Event.kind == EventKind.ENROLL,
        Event.user_id.in_(learners),
        Event.course_id.is_not(None),
        Event.time_is_order.is_(False),
        Event.occurred_at >= slates[0].served_at,
        Event.occurred_at <= slates[-1].served_at + window,
    )
    return db.session.execute(query)
