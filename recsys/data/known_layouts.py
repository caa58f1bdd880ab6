"""Known file layouts as plain data: header names, and what their cells mean. One set for this library and for imports of the platform.

Standard library only. How cells are read, and what becomes of a row, is each reader's own: recsys.data.layouts makes frames and items of
them, webapp.importing events and courses. Where the two could differ in meaning (which column is the creator, what "mixed" says), it is
decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class FileColumns:
    """Columns of one kind of file of a data set: `columns` maps fields to the header names that carry them (lower case, the best
    first).

    `header` is the whole header of the published file, `marks` are columns of it that tell the layout already. A cell of
    `duration_minutes` counts in `minutes_unit` minutes; `language` is that of the texts.
    """

    data_set: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    header: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    language: str = "en"
    minutes_unit: Fraction = Fraction(1)

    def field_names_by_header(self, fields: Mapping[str, str]) -> dict[str, str]:
        """{header name: name of its field in `fields`}, of fields that are named there."""
        return {name: fields[field] for field, names in self.columns.items() if field in fields for name in names}


LEVEL_WORDS: Mapping[str, str | None] = MappingProxyType(
    {
        **dict.fromkeys(("beginner", "beginner level", "introductory", "basic", "easy"), "beginner"),
        **dict.fromkeys(("intermediate", "intermediate level", "medium"), "intermediate"),
        **dict.fromkeys(("advanced", "advanced level", "expert", "expert level", "hard"), "advanced"),
        **dict.fromkeys(("all levels", "all", "any level", "any", "mixed", "mixed level"), None),
    }
)
"""Level by its usual names, in lower case with single blanks; None where a course is for every level."""

FINISHED_PERCENT = 90.0
"""Percent of a video from which on it counts as finished: its end is its credits. In mars-en seven in ten records say 99 or more; every
other threshold from 80 to 95 moves less than 4 percent of the outcomes."""


def _identity_columns(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


IBM_COURSES = FileColumns(
    "ibm-capstone",
    _identity_columns("course_id", "title", "description"),
    ("course_id", "title"),
    header=frozenset({"course_id", "title", "description"}),
    marks=frozenset({"course_id", "title", "description"}),
)
IBM_GENRES: Mapping[str, str] = MappingProxyType(
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
"""Flags of the genre file and what people call them, from the narrow to the broad: the first that is set names the main topic."""
IBM_GENRE_FILE = FileColumns(
    "ibm-capstone",
    _identity_columns("course_id", "title", *IBM_GENRES),
    ("course_id", "title", *IBM_GENRES),
    header=frozenset({"course_id", "title", *IBM_GENRES}),
    marks=frozenset({"course_id", "title", "machinelearning"}),
)
IBM_INTERACTIONS = FileColumns(
    "ibm-capstone",
    {"learner_id": ("user",), "course_id": ("item",), "value": ("rating",)},
    ("learner_id", "course_id", "value"),
    header=frozenset({"user", "item", "rating"}),
    marks=frozenset({"user", "item", "rating"}),
)
IBM_RATINGS: Mapping[float, tuple[str, ...]] = MappingProxyType({3.0: ("enroll", "complete"), 2.0: ("enroll",)})
"""Kinds of events a rating stands for: 3 a completed course, 2 an audited one, which is an enrollment that was not finished."""

MARS_COURSES = FileColumns(
    "mars-en",
    {
        "course_id": ("item_id",),
        "language": ("language",),
        "title": ("name",),
        "description": ("description",),
        "level": ("difficulty",),
        "topics": ("theme",),
        "skills": ("software",),
        "tags": ("job",),
        "duration_minutes": ("duration",),
        "published": ("created_at",),
    },
    ("course_id", "title"),
    header=frozenset(
        {
            "item_id",
            "language",
            "name",
            "nb_views",
            "description",
            "created_at",
            "difficulty",
            "job",
            "software",
            "theme",
            "duration",
            "type",
        }
    ),
    marks=frozenset({"item_id", "name", "difficulty", "theme", "duration"}),
    minutes_unit=Fraction(1, 60),
)
MARS_LEARNERS = FileColumns("mars-en", {"learner_id": ("user_id",)}, ("learner_id",), header=frozenset({"user_id", "job"}))
MARS_VIEWS = FileColumns(
    "mars-en",
    {"learner_id": ("user_id",), "course_id": ("item_id",), "at": ("created_at",)},
    ("learner_id", "course_id", "at"),
    header=frozenset({"item_id", "user_id", "created_at"}),
    marks=frozenset({"item_id", "user_id", "created_at"}),
)
MARS_WATCHED = FileColumns(
    "mars-en",
    {
        "learner_id": ("user_id",),
        "course_id": ("item_id",),
        "at": ("created_at",),
        "watched": ("watch_percentage",),
        "value": ("rating",),
    },
    ("learner_id", "course_id", "at", "watched"),
    header=frozenset({"user_id", "item_id", "watch_percentage", "created_at", "rating"}),
    marks=frozenset({"user_id", "item_id", "watch_percentage", "created_at"}),
)

# mooccubex: XuetangX. Concepts are what a course teaches, so they are skills; a course is published by a school, whose teachers change.
MOOCCUBEX_COURSES = FileColumns(
    "mooccubex",
    {
        "course_id": ("remap_id",),
        "title": ("name",),
        "description": ("about",),
        "topics": ("fields",),
        "skills": ("key_concepts",),
        "creator": ("schools",),
    },
    ("course_id", "title"),
    header=frozenset({"org_id", "remap_id", "name", "about", "prerequisites", "fields", "schools", "teachers", "key_concepts"}),
    marks=frozenset({"remap_id", "name", "about"}),
    language="zh",
)
MOOCCUBEX_IDS = FileColumns(
    "mooccubex",
    {"course_id": ("remap_id",)},
    ("course_id",),
    header=frozenset({"org_id", "remap_id"}),
    marks=frozenset({"remap_id"}),
    language="zh",
)
MOOCCUBEX_INTERACTIONS = FileColumns(
    "mooccubex",
    {"learner_id": ("user",), "course_id": ("item",), "order": ("pos",)},
    ("learner_id", "course_id", "order"),
    header=frozenset({"user", "pos", "item"}),
    marks=frozenset({"user", "pos", "item"}),
    language="zh",
)

MOVIELENS_ITEMS = FileColumns(
    "movielens",
    {"course_id": ("movieid",), "title": ("title",), "topics": ("genres",)},
    ("course_id", "title"),
    header=frozenset({"movieid", "title", "genres"}),
    marks=frozenset({"movieid", "title", "genres"}),
)
UDEMY_COURSES = FileColumns(
    "udemy",
    {
        "course_id": ("course_id",),
        "title": ("course_title",),
        "level": ("level",),
        "duration_minutes": ("content_duration",),
        "published": ("published_timestamp",),
        "topics": ("subject",),
    },
    ("course_id", "title"),
    marks=frozenset({"course_id", "course_title", "content_duration"}),
    minutes_unit=Fraction(60),
)
COURSERA_COURSES = FileColumns(
    "coursera",
    {"title": ("title",), "skills": ("skills",), "level": ("level",), "creator": ("instructor",)},
    ("title",),
    marks=frozenset({"title", "skills", "certificatetype"}),
)

GENERIC = "generic"
_LEARNER_IDS = ("learner_id", "user_id", "student_id", "userid", "user", "learner", "student")
_COURSE_IDS = ("course_id", "item_id", "courseid", "itemid", "item", "course")
GENERIC_COURSES = FileColumns(
    GENERIC,
    {
        "course_id": (*_COURSE_IDS, "id"),
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
)
GENERIC_LEARNERS = FileColumns(
    GENERIC,
    {
        "learner_id": (*_LEARNER_IDS, "id"),
        "name": ("name", "full_name"),
        "level": ("level",),
        "weekly_minutes": ("weekly_minutes",),
        "topics": ("topics", "interests"),
        "created": ("created_at", "joined_at", "registered_at"),
    },
    ("learner_id",),
)
GENERIC_INTERACTIONS = FileColumns(
    GENERIC,
    {
        "learner_id": _LEARNER_IDS,
        "course_id": _COURSE_IDS,
        "kind": ("kind", "event", "event_type", "action"),
        "value": ("value", "rating", "stars"),
        "at": ("timestamp", "occurred_at", "created_at", "date", "time"),
    },
    ("learner_id", "course_id"),
)
