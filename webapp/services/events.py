"""Event log writes, all through one schema; a repeat changes nothing."""

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.event import Event
from webapp.models.lesson import Lesson
from webapp.models.slate import Slate
from webapp.policies import Person, require
from webapp.policies.courses import can_see_course
from webapp.registries.events import EventKind, EventSpec
from webapp.services.errors import Invalid, NotFound
from webapp.services.impressions import count_visitor_view, mark_clicked
from webapp.services.insert_on_conflict import insert_for
from webapp.services.rollups import recount_ratings
from webapp.support.clock import now
from webapp.support.messages import N_, gettext
from webapp.transactions import defer_write

MAX_POSITION = 1000
LATEST = timedelta(minutes=5)  # clocks of browsers go ahead a little
OLDEST = timedelta(days=7)  # what a phone kept while it was offline
_CLIENT_ID = re.compile(r"[A-Za-z0-9._:-]{8,48}")


@dataclass(frozen=True, slots=True)
class EventIn:
    """An event as it arrives. `client_id` names it for its sender: sent twice, it counts once; without one it counts each time.

    `subject_id` says which one it is about where the kind says that this is not the course; that there is such a one is for the caller
    to know.
    """

    kind: EventKind | str
    course_id: int
    lesson_id: int | None = None
    value: float | None = None
    slate_id: int | None = None
    position: int | None = None
    occurred_at: datetime | None = None
    client_id: str | None = None
    subject_id: int | None = None
    data: dict[str, Any] | None = None


def record(actor: Person | None, event: EventIn) -> bool:
    """Write one event of the actor (None: a visitor); False when it was known already.

    A slate that is not the actor's own or not known is left out: attribution is optional, what was done is not. Raises
    Invalid, NotFound and Forbidden.
    """
    kind = check_event(actor, event)
    slate_id = own_slate_id(actor, event.slate_id)
    row = {
        "kind": kind,
        "user_id": actor.user_id if actor else None,
        "course_id": event.course_id,
        "lesson_id": event.lesson_id,
        "slate_id": slate_id,
        "position": event.position if slate_id else None,
        "value": event.value,
        "subject_type": kind.spec.subject if kind.spec.about_something_else else None,
        "subject_id": event.subject_id,
        "data": event.data or None,
        "occurred_at": event.occurred_at or now(),
        "time_is_order": False,
        "client_id": _client_id(actor, event.client_id),
    }
    insert = insert_for(Event).values(row).on_conflict_do_nothing(index_elements=["client_id"]).returning(Event.id)
    new = db.session.scalar(insert) is not None
    if new and kind is EventKind.RATING:
        recount_ratings([event.course_id])
    return new


def check_event(actor: Person | None, event: EventIn) -> EventKind:
    """The kind of an event that could be recorded. Raises Invalid, NotFound and Forbidden."""
    kind = _kind(event.kind)
    _check_actor(actor, kind)
    _check_values(event, kind)
    _check_course_and_lesson(actor, event)
    return kind


def record_all(actor: Person | None, events: Iterable[EventIn]) -> int:
    """Write several events; how many of them were new. Raises as `record` does; those before the one refused go with the unit of work."""
    return sum(record(actor, event) for event in events)


def record_view(actor: Person | None, course_id: int, slate_id: int | None = None, position: int | None = None) -> None:
    """Note, once the page has been read, that a course page was opened: by a click on a card when the actor's slate is named.

    Views of visitors are counted by course and day and not logged one by one: whoever asks for pages must not fill the disk.
    """

    def write() -> None:
        own = own_slate_id(actor, slate_id)  # in a link that was passed on it is somebody else's: no click on a card
        if actor is None:
            count_visitor_view(course_id)
        else:
            kinds = (EventKind.VIEW, EventKind.CLICK) if own else (EventKind.VIEW,)
            record_all(actor, [EventIn(kind, course_id, slate_id=own, position=position if own else None) for kind in kinds])
        if own:
            mark_clicked(own, course_id)

    defer_write(write)


def own_slate_id(actor: Person | None, slate_id: int | None) -> int | None:
    """The slate's id when it was served to the actor, else None."""
    if slate_id is None:
        return None
    user_id = actor.user_id if actor else None
    return db.session.scalar(select(Slate.id).where(Slate.id == slate_id, Slate.user_id.is_not_distinct_from(user_id)))


def _kind(kind: EventKind | str) -> EventKind:
    try:
        return EventKind(kind)
    except ValueError:
        raise Invalid(gettext("There is no kind of event called %(name)r.", name=kind), "kind") from None


def _check_actor(actor: Person | None, kind: EventKind) -> None:
    schema = kind.spec
    if actor is not None:
        require(actor, schema.required_permission)
    elif not schema.visitors:
        raise Invalid(gettext("Only someone who is signed in can do that."), "kind")


def _check_values(event: EventIn, kind: EventKind) -> None:
    schema = kind.spec
    checks: tuple[tuple[str, Callable[[], bool], str], ...] = (
        ("value", lambda: _value_fits(schema, event.value), _expected_value_text(schema)),
        ("subject_id", lambda: (event.subject_id is not None) == schema.about_something_else, _subject_wanted(schema)),
        ("data", lambda: set(event.data or ()) <= schema.data, N_("This kind does not carry such data.")),
        ("position", lambda: event.position is None or 1 <= event.position <= MAX_POSITION, N_("Positions count from 1.")),
        ("occurred_at", lambda: _time_fits(event.occurred_at), N_("The time lies in the future, too far back, or has no time zone.")),
        (
            "client_id",
            lambda: event.client_id is None or bool(_CLIENT_ID.fullmatch(event.client_id)),
            N_("8 to 48 letters, digits or . _ : -"),
        ),
    )
    for field, fits, message in checks:
        if not fits():
            raise Invalid(gettext(message), field)


def _value_fits(schema: EventSpec, value: float | None) -> bool:
    if schema.low is None or schema.high is None:
        return value is None
    return value is not None and schema.low <= value <= schema.high


def _expected_value_text(schema: EventSpec) -> str:
    if schema.low is None:
        return gettext("This kind carries no value.")
    return gettext("A value from %(low)g to %(high)g is expected.", low=schema.low, high=schema.high)


def _subject_wanted(schema: EventSpec) -> str:
    if schema.about_something_else:
        return gettext("It is not said what this is about.")
    return gettext("This kind is about a course and nothing else.")


def _time_fits(moment: datetime | None) -> bool:
    if moment is None:
        return True
    return moment.tzinfo is not None and now() - OLDEST <= moment <= now() + LATEST


def _check_course_and_lesson(actor: Person | None, event: EventIn) -> None:
    course = db.session.get(Course, event.course_id)
    if course is None or not (can_see_course(actor, course) or _has_events_on(actor, event.course_id)):
        raise NotFound(gettext("There is no such course."))
    if event.lesson_id is not None:
        lesson = db.session.get(Lesson, event.lesson_id)
        if lesson is None or lesson.course_id != event.course_id:
            raise Invalid(gettext("The lesson is not part of the course."), "lesson_id")


def _has_events_on(actor: Person | None, course_id: int) -> bool:
    """Whether the actor has any event on the course: who knows a course that has been withdrawn can still finish, leave and judge it."""
    if actor is None:
        return False
    known = select(Event.id).where(Event.user_id == actor.user_id, Event.course_id == course_id).limit(1)
    return db.session.scalar(known) is not None


def _client_id(actor: Person | None, given: str | None) -> str:
    """Ids are the sender's own: nobody can use up another's. Visitors share one space."""
    if given is None:
        return uuid.uuid4().hex
    return f"{actor.user_id if actor else 'visitor'}:{given}"
