"""Known layouts: those of public data sets, and the generic ones."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from webapp.importing import cells
from webapp.importing.cells import Row
from webapp.importing.layout import GENERIC, Fact, Kind, Layout
from webapp.importing.titles import presentable
from webapp.registries.events import IMPORTABLE, EventKind


def _generic_facts(row: Row) -> Sequence[Fact]:
    """`kind` says what happened; without it a rating is a rating, and anything else an enrollment."""
    named = row.text("kind").lower()
    try:
        kind = EventKind(named) if named else EventKind.RATING if row.text("value") else EventKind.ENROLL
    except ValueError:
        row.complain("kind", f"{named[:40]!r} is no kind of event: {', '.join(IMPORTABLE)}")
        return ()
    if kind not in IMPORTABLE:
        row.complain("kind", f"{named!r} cannot be imported: {', '.join(IMPORTABLE)}")
        return ()
    return ((kind, row.take("value", cells.number, None)),)


def _ibm_facts(row: Row) -> Sequence[Fact]:
    rating = row.take("value", cells.number, -1.0, required=True)
    if rating == 3.0:
        return ((EventKind.ENROLL, None), (EventKind.COMPLETE, None))
    if rating != 2.0 and not row.problems:
        row.complain("value", f"{rating:g} is neither 3 (completed) nor 2 (audited)")
    return ((EventKind.ENROLL, None),)


_WATCHED = 90.0  # the end of a video is its credits


def _mars_facts(row: Row) -> Sequence[Fact]:
    percent = row.take("watched", cells.number_between(0, 100), 0.0, required=True)
    stars = row.take("value", cells.number_between(0, 10), None)
    facts: list[Fact] = [(EventKind.ENROLL, None), (EventKind.PROGRESS, percent)]
    if percent >= _WATCHED:
        facts.append((EventKind.COMPLETE, None))
    if stars is not None:
        facts.append((EventKind.RATING, min(max(stars / 2, 1.0), 5.0)))
    return facts


# From the narrow to the broad: the first flag that is set names a course's main topic.
_IBM_GENRES: Mapping[str, str] = MappingProxyType(
    {
        "computervision": "Computer vision",
        "chatbot": "Chatbots",
        "blockchain": "Blockchain",
        "r": "R",
        "containers": "Containers",
        "bigdata": "Big data",
        "machinelearning": "Machine learning",
        "database": "Databases",
        "frontenddev": "Front-end development",
        "backenddev": "Back-end development",
        "cloudcomputing": "Cloud computing",
        "dataanalysis": "Data analysis",
        "datascience": "Data science",
        "python": "Python",
    }
)


def _ibm_topics(row: Row) -> tuple[str, ...]:
    for flag in _IBM_GENRES:
        if row.text(flag) not in ("0", "1"):
            row.complain(flag, "a flag is 0 or 1")
    return tuple(name for flag, name in _IBM_GENRES.items() if row.text(flag) == "1")


def _same(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


_IDS = {
    "learner_id": ("learner_id", "user_id", "student_id", "userid", "user", "learner", "student"),
    "course_id": ("course_id", "item_id", "courseid", "itemid", "item", "course"),
}
LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "ibm-capstone",
        Kind.COURSES,
        _same("course_id", "title", "description"),
        ("course_id", "title"),
        header=frozenset({"course_id", "title", "description"}),
        file_hint="course_processed",
        source="ibm-capstone",
        dress=presentable,
    ),
    Layout(
        "ibm-capstone",
        Kind.COURSES,
        _same("course_id", "title", *_IBM_GENRES),
        ("course_id", "title", *_IBM_GENRES),
        header=frozenset({"course_id", "title", *_IBM_GENRES}),
        source="ibm-capstone",
        topics=_ibm_topics,
        dress=presentable,
        fills_only=True,
        rank=1,
    ),
    Layout(
        "ibm-capstone",
        Kind.INTERACTIONS,
        {"learner_id": ("user",), "course_id": ("item",), "value": ("rating",)},
        ("learner_id", "course_id", "value"),
        header=frozenset({"user", "item", "rating"}),
        source="ibm-capstone",
        facts=_ibm_facts,
    ),
    Layout(
        "mars-en",
        Kind.COURSES,
        {
            "course_id": ("item_id",), "language": ("language",), "title": ("name",), "description": ("description",),
            "level": ("difficulty",), "topics": ("theme",), "skills": ("software",), "tags": ("job",),
            "duration_minutes": ("duration",), "published": ("created_at",),
        },
        ("course_id", "title"),
        header=frozenset(
            {
                "item_id", "language", "name", "nb_views", "description", "created_at", "difficulty", "job", "software", "theme",
                "duration", "type",
            }
        ),
        source="mars-en",
        minutes_unit=1 / 60,
    ),
    Layout(
        "mars-en", Kind.LEARNERS, {"learner_id": ("user_id",)}, ("learner_id",), header=frozenset({"user_id", "job"}), source="mars-en"
    ),
    Layout(
        "mars-en",
        Kind.INTERACTIONS,
        {"learner_id": ("user_id",), "course_id": ("item_id",), "at": ("created_at",)},
        ("learner_id", "course_id", "at"),
        header=frozenset({"item_id", "user_id", "created_at"}),
        file_hint="implicit",
        source="mars-en",
        facts=lambda row: ((EventKind.VIEW, None),),
        repeats=True,
    ),
    Layout(
        "mars-en",
        Kind.INTERACTIONS,
        {
            "learner_id": ("user_id",), "course_id": ("item_id",), "at": ("created_at",), "watched": ("watch_percentage",),
            "value": ("rating",),
        },
        ("learner_id", "course_id", "at", "watched"),
        header=frozenset({"user_id", "item_id", "watch_percentage", "created_at", "rating"}),
        source="mars-en",
        facts=_mars_facts,
        repeats=True,
        rank=1,
    ),
    Layout(
        "mooccubex",
        Kind.COURSES,
        {"course_id": ("remap_id",), "title": ("name",), "description": ("about",), "topics": ("fields",), "tags": ("key_concepts",),
         "creator": ("teachers",)},
        ("course_id", "title"),
        header=frozenset(
            {"org_id", "remap_id", "name", "about", "prerequisites", "fields", "schools", "teachers", "key_concepts"}
        ),
        source="mooccubex",
        language="zh",
    ),
    Layout(
        "mooccubex",
        Kind.COURSES,
        {"course_id": ("remap_id",)},
        ("course_id",),
        header=frozenset({"org_id", "remap_id"}),
        source="mooccubex",
        language="zh",
        fills_only=True,
        placeholder_titles=True,
        rank=1,
    ),
    Layout(
        "mooccubex",
        Kind.INTERACTIONS,
        {"learner_id": ("user",), "course_id": ("item",), "order": ("pos",)},
        ("learner_id", "course_id", "order"),
        header=frozenset({"user", "pos", "item"}),
        source="mooccubex",
        facts=lambda row: ((EventKind.ENROLL, None),),
        makes_courses=True,
        language="zh",
    ),
    Layout(
        GENERIC,
        Kind.COURSES,
        {
            "course_id": (*_IDS["course_id"], "id"),
            "title": ("title", "course_title", "name"),
            "description": ("description", "summary", "about"),
            "level": ("level", "difficulty"),
            "duration_minutes": ("duration_minutes", "minutes", "duration"),
            "language": ("language", "lang"),
            "price_cents": ("price_cents",),
            "certificate": ("certificate",),
            "topics": ("topics", "topic", "categories", "category", "genres", "subject"),
            "tags": ("tags", "keywords"),
            "skills": ("skills",),
            "prerequisites": ("prerequisites",),
            "creator": ("creator", "instructor", "teacher", "author"),
            "published": ("published", "published_at", "published_timestamp", "created_at"),
        },
        ("course_id", "title"),
    ),
    Layout(
        GENERIC,
        Kind.LEARNERS,
        {
            "learner_id": (*_IDS["learner_id"], "id"),
            "name": ("name", "full_name"),
            "level": ("level",),
            "weekly_minutes": ("weekly_minutes",),
            "topics": ("topics", "interests"),
            "created": ("created_at", "joined_at", "registered_at"),
        },
        ("learner_id",),
    ),
    Layout(
        GENERIC,
        Kind.INTERACTIONS,
        _IDS
        | {
            "kind": ("kind", "event", "event_type", "action"),
            "value": ("value", "rating", "stars"),
            "at": ("timestamp", "occurred_at", "created_at", "date", "time"),
        },
        ("learner_id", "course_id"),
        facts=_generic_facts,
    ),
)  # fmt: skip
