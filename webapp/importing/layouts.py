"""Known layouts: those of public data sets, and the generic ones."""

from collections.abc import Sequence
from typing import Any

from recsys.data.known_layouts import (
    FINISHED_PERCENT,
    GENERIC,
    GENERIC_COURSES,
    GENERIC_INTERACTIONS,
    GENERIC_LEARNERS,
    IBM_COURSES,
    IBM_GENRE_FILE,
    IBM_GENRES,
    IBM_INTERACTIONS,
    IBM_RATINGS,
    MARS_COURSES,
    MARS_LEARNERS,
    MARS_VIEWS,
    MARS_WATCHED,
    MOOCCUBEX_COURSES,
    MOOCCUBEX_IDS,
    MOOCCUBEX_INTERACTIONS,
    FileColumns,
)
from webapp.importing import cells
from webapp.importing.cells import Row
from webapp.importing.layout import Fact, FileKind, Layout
from webapp.importing.titles import capitalize_lowercase_title
from webapp.registries.events import IMPORTABLE, EventKind
from webapp.support.messages import gettext
from webapp.support.text import fold


def _generic_facts(row: Row) -> Sequence[Fact]:
    """`kind` says what happened; without it a rating is a rating, and anything else an enrollment."""
    named = fold(row.text("kind"))
    try:
        kind = EventKind(named) if named else EventKind.RATING if row.text("value") else EventKind.ENROLL
    except ValueError:
        row.complain("kind", gettext("%(kind)r is no kind of event: %(kinds)s", kind=named[:40], kinds=", ".join(IMPORTABLE)))
        return ()
    if kind not in IMPORTABLE:
        row.complain("kind", gettext("%(kind)r cannot be imported: %(kinds)s", kind=named, kinds=", ".join(IMPORTABLE)))
        return ()
    return ((kind, row.parse_field("value", cells.number, None)),)


def _ibm_event_kinds(row: Row) -> Sequence[Fact]:
    rating = row.parse_field("value", cells.number, -1.0, required=True)
    if rating not in IBM_RATINGS and not row.problems:
        row.complain("value", gettext("%(rating)g is neither 3 (completed) nor 2 (audited)", rating=rating))
    return tuple((EventKind(kind), None) for kind in IBM_RATINGS.get(rating, ("enroll",)))


def _mars_event_facts(row: Row) -> Sequence[Fact]:
    percent = row.parse_field("watched", cells.number_between(0, 100), 0.0, required=True)
    stars = row.parse_field("value", cells.number_between(0, 10), None)
    facts: list[Fact] = [(EventKind.ENROLL, None), (EventKind.PROGRESS, percent)]
    if percent >= FINISHED_PERCENT:
        facts.append((EventKind.COMPLETE, None))
    if stars is not None:
        facts.append((EventKind.RATING, min(max(stars / 2, 1.0), 5.0)))
    return facts


def _ibm_topics(row: Row) -> tuple[str, ...]:
    for flag in IBM_GENRES:
        if row.text(flag) not in ("0", "1"):
            row.complain(flag, gettext("a flag is 0 or 1"))
    return tuple(name for flag, name in IBM_GENRES.items() if row.text(flag) == "1")


def _build_layout_of_kind(files: FileColumns, kind: FileKind, **reading: Any) -> Layout:
    """The layout of a kind of file; `reading` says what its rows become here."""
    return Layout(
        files.data_set,
        kind,
        files.columns,
        files.required,
        header=files.header,
        source="import" if files.data_set == GENERIC else files.data_set,
        language=files.language,
        minutes_unit=files.minutes_unit,
        **reading,
    )


_MOST_CONCEPTS = 10  # of a course of mooccubex; more would bury what a page says of its skills
LAYOUTS: tuple[Layout, ...] = (
    _build_layout_of_kind(IBM_COURSES, FileKind.COURSES, file_hint="course_processed", dress=capitalize_lowercase_title),
    _build_layout_of_kind(IBM_GENRE_FILE, FileKind.COURSES, topics=_ibm_topics, dress=capitalize_lowercase_title, fills_only=True, rank=1),
    _build_layout_of_kind(IBM_INTERACTIONS, FileKind.INTERACTIONS, facts=_ibm_event_kinds),
    _build_layout_of_kind(MARS_COURSES, FileKind.COURSES),
    _build_layout_of_kind(MARS_LEARNERS, FileKind.LEARNERS),
    _build_layout_of_kind(
        MARS_VIEWS, FileKind.INTERACTIONS, file_hint="implicit", facts=lambda row: ((EventKind.VIEW, None),), repeats=True
    ),
    _build_layout_of_kind(MARS_WATCHED, FileKind.INTERACTIONS, facts=_mars_event_facts, repeats=True, rank=1),
    _build_layout_of_kind(MOOCCUBEX_COURSES, FileKind.COURSES, most_skills=_MOST_CONCEPTS),
    _build_layout_of_kind(MOOCCUBEX_IDS, FileKind.COURSES, fills_only=True, placeholder_titles=True, rank=1),
    _build_layout_of_kind(MOOCCUBEX_INTERACTIONS, FileKind.INTERACTIONS, facts=lambda row: ((EventKind.ENROLL, None),), makes_courses=True),
    _build_layout_of_kind(GENERIC_COURSES, FileKind.COURSES),
    _build_layout_of_kind(GENERIC_LEARNERS, FileKind.LEARNERS),
    _build_layout_of_kind(GENERIC_INTERACTIONS, FileKind.INTERACTIONS, facts=_generic_facts),
)
