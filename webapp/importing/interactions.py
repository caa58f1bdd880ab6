"""Import of interactions: events, and the enrollments, verdicts and saved courses that follow from them."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from webapp.extensions import db
from webapp.importing import cells
from webapp.importing.bulk import count_missing, insert_new
from webapp.importing.cells import Row
from webapp.importing.courses import SourceCourses
from webapp.importing.derived_enrollments import enrollments_of, upsert_enrollments, upsert_feedback
from webapp.importing.layout import Fact, Layout
from webapp.importing.outcome import ImportCounts
from webapp.importing.people import Accounts
from webapp.importing.problems import Problem
from webapp.models.event import Event, SavedCourse
from webapp.registries.events import EventKind, Keeps
from webapp.support.messages import gettext

ORDER_BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
"""Rows without a time are put one second apart from here: only their order means something."""
_LONGEST_CLIENT_ID = 80
_STAMP_AT_END = re.compile(r":\d+(\.\d+)?(#\d+)?\Z")


class Interaction(NamedTuple):
    """A row of an interactions file; `stamp` tells its events from those of other rows about the same pair."""

    learner: str
    course: str
    at: datetime
    only_order: bool
    stamp: str
    facts: Sequence[Fact]


class InteractionSink:
    """Parses and writes the rows of an interactions file."""

    def __init__(self, layout: Layout, source: str, dry: bool, assumed: frozenset[str] = frozenset()) -> None:
        self._layout, self._source, self._dry = layout, source, dry
        self.new_courses: set[str] = set()
        self._learners, self._courses = Accounts(source, dry), SourceCourses(source, dry)
        self._times: Counter[tuple[str, str, str]] = Counter()
        self._courses.create_missing(assumed, layout.language)
        self.stateful = layout.repeats

    def parse(self, row: Row) -> Interaction | None:
        """The interaction of a row, unless it has problems."""
        learner = row.parse_field("learner_id", cells.identifier, "", required=True)
        course = row.parse_field("course_id", cells.identifier, "", required=True)
        if course and not self._layout.makes_courses and course not in self._courses.known:
            row.complain("course_id", gettext("course %(course)r is not known: import the courses first", course=course))
        needs_time = "at" in self._layout.required
        at = row.parse_field("at", cells.moment, None, required=needs_time)
        order = row.parse_field("order", cells.place_in_order, None, required="order" in self._layout.required)
        facts = [self._make_fact(row, kind, value) for kind, value in self._layout.facts(row)]
        if row.problems:
            return None
        if at is not None:
            return Interaction(learner, course, at, False, self._unique_time_suffix(learner, course, at), facts)
        seconds = row.number if order is None else order
        return Interaction(learner, course, ORDER_BEGINS + timedelta(seconds=seconds), True, "", facts)

    def _unique_time_suffix(self, learner: str, course: str, at: datetime) -> str:
        stamp = f":{at.timestamp():.6f}".rstrip("0").rstrip(".")
        if not self._layout.repeats:
            return stamp
        key = (learner, course, stamp)
        self._times[key] += 1
        return stamp if self._times[key] == 1 else f"{stamp}#{self._times[key]}"

    def _make_fact(self, row: Row, kind: EventKind, value: float | None) -> Fact:
        schema = kind.spec
        if schema.low is None or schema.high is None:
            return kind, None
        if value is None:
            if not row.problems:
                row.complain("value", gettext("is missing: %(kind)s needs one", kind=kind.value))
        elif not schema.low <= value <= schema.high:
            row.complain(
                "value",
                gettext(
                    "%(cell)s is not from %(low)s to %(high)s",
                    cell=f"{value:,.12g}",
                    low=f"{schema.low:,.12g}",
                    high=f"{schema.high:,.12g}",
                ),
            )
        return kind, value

    def write(self, rows: Sequence[Interaction]) -> ImportCounts:
        """Add the learners, events and enrollments that are not there yet."""
        self._learners.create_missing({row.learner: {} for row in rows})
        if self._layout.makes_courses:
            self._courses.create_missing((row.course for row in rows), self._layout.language)
        first: dict[str, dict[str, Any]] = {}
        more: dict[str, dict[str, Any]] = {}
        for row in rows:
            for place, (kind, value) in enumerate(row.facts):
                event = self._event(row, kind, value)
                (more if place else first).setdefault(event["client_id"], event)
        new = self._store(first, more)
        return ImportCounts(new=new, known=len(rows) - new)

    def _event(self, row: Interaction, kind: EventKind, value: float | None) -> dict[str, Any]:
        return {
            "kind": kind,
            "user_id": self._learners.ids[row.learner],
            "course_id": self._courses.known[row.course].id,
            "value": value,
            "occurred_at": row.at,
            "time_is_order": row.only_order,
            "client_id": client_id(self._source, kind, row.learner, row.course, row.stamp),
        }

    def _store(self, first: dict[str, dict[str, Any]], more: dict[str, dict[str, Any]]) -> int:
        """Write the events and what follows; how many rows' leading events were new."""
        if self._dry:
            return count_missing(Event.client_id, list(first))
        new = insert_new(Event, list(first.values()))
        insert_new(Event, list(more.values()))
        events = sorted([*first.values(), *more.values()], key=itemgetter("occurred_at"))
        upsert_enrollments(enrollments_of(events))
        upsert_feedback([event for event in events if event["kind"].spec.keeps is Keeps.VERDICT])
        saved = [event for event in events if event["kind"].spec.keeps is Keeps.SAVED]
        insert_new(SavedCourse, [{"user_id": e["user_id"], "course_id": e["course_id"], "saved_at": e["occurred_at"]} for e in saved])
        return new

    def finish(self) -> list[Problem]:
        """End of the import: nothing is left to do."""
        db.session.flush()
        return []


def client_id(source: str, kind: EventKind, learner: str, course: str, stamp: str) -> str:
    """The name of an imported event: the same row gets the same one whenever it is imported, and no other row does."""
    name = f"{source}:{kind.value}:{learner}:{course}{stamp}"
    if ":" in learner or _STAMP_AT_END.search(course):  # where learner, course and time end cannot be read off it
        name = json.dumps([source, kind.value, learner, course, stamp])
    elif len(name) <= _LONGEST_CLIENT_ID:
        return name
    return f"{source}:{hashlib.blake2b(name.encode(), digest_size=20).hexdigest()}"
