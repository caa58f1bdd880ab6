"""Import of courses: new ones, what a file says differently about known ones, and their links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select, update

from webapp.extensions import db
from webapp.importing import cells
from webapp.importing.bulk import BATCH, insert_new
from webapp.importing.cells import Row
from webapp.importing.layout import Layout
from webapp.importing.outcome import ImportCounts
from webapp.importing.people import Creators
from webapp.importing.problems import ImportRefused, Problem
from webapp.importing.vocabulary import Vocabulary, warn_of_long_names
from webapp.models.course import UNDATED, Course, CourseSkill, CourseStatus, CourseTag, CourseTopic, CourseVersion, Prerequisite
from webapp.models.folding import with_folded
from webapp.models.offered_lesson import OfferedLesson
from webapp.policies import System
from webapp.queries.course_content import content_of
from webapp.services.course_versions import record_version
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.support.slugs import UniqueSlugs, slug_of
from webapp.support.text import fold

_MOST_TAGS = 10
_MOST_PRICE = 10_000_000
_LONGEST_SLUG = 100
_TRIES = 5  # another import may take the slugs first
_PAGE = frozenset({"title", "summary"})
"""What versions of a course hold of what a file can say."""
_COLUMNS = (
    "title", "summary", "level", "duration_minutes", "language", "price_cents", "certificate", "published_at", "topic_id", "creator_id",
)  # fmt: skip


@dataclass(slots=True)
class CourseIn:
    """A row of a courses file; `values` holds only what the file says."""

    external_id: str
    row: Row
    values: dict[str, Any]
    topics: tuple[str, ...]
    tags: tuple[str, ...]
    skills: tuple[str, ...]
    prerequisites: tuple[str, ...]
    creator: str | None


@dataclass(slots=True)
class _StoredCourse:
    """A course of this source as it stands in the database."""

    id: int
    values: dict[str, Any]


class SourceCourses:
    """The courses of a source by external id, and the slugs taken by any course."""

    def __init__(self, source: str, dry: bool) -> None:
        self.source, self.dry = source, dry
        self.known: dict[str, _StoredCourse] = {}
        self._slugs = UniqueSlugs(db.session.scalars(select(Course.slug)), _LONGEST_SLUG, "course")
        self._load()

    @cached_property
    def _ids_with_lessons(self) -> set[int]:
        lessons = select(OfferedLesson.course_id).join(Course, Course.id == OfferedLesson.course_id).where(Course.source == self.source)
        return set(db.session.scalars(lessons.distinct()))

    def _load(self, external_ids: Sequence[str] | None = None) -> None:
        columns = [getattr(Course, name) for name in _COLUMNS]
        query = select(Course.external_id, Course.id, *columns).where(Course.source == self.source)
        if external_ids is not None:
            query = query.where(Course.external_id.in_(external_ids))
        for external_id, number, *values in db.session.execute(query):
            self.known[external_id] = _StoredCourse(number, dict(zip(_COLUMNS, values, strict=True)))

    def id_of(self, external_id: str) -> int | None:
        """The id of a course of this source."""
        course = self.known.get(external_id)
        return course.id if course else None

    def has_lessons(self, external_id: str) -> bool:
        """Whether lessons of the course are here."""
        return self.known[external_id].id in self._ids_with_lessons

    def add(self, new: dict[str, dict[str, Any]]) -> None:
        """Publish new courses, by external id; each has at least a title. Raises ImportRefused."""
        if self.dry:
            for external_id, values in new.items():
                self.known[external_id] = _StoredCourse(-1 - len(self.known), dict.fromkeys(_COLUMNS) | values)
            return
        missing = list(new)
        for _ in range(_TRIES):
            insert_new(Course, [self._row(external_id, new[external_id]) for external_id in missing])
            for start in range(0, len(missing), BATCH // 2):
                self._load(missing[start : start + BATCH // 2])
            missing = [external_id for external_id in missing if external_id not in self.known]
            if not missing:
                return
            self._slugs.mark_taken(db.session.scalars(select(Course.slug)))
        raise ImportRefused(gettext("Other courses keep taking the addresses of these: start the import again when nothing else imports."))

    def create_missing(self, external_ids: Iterable[str], language: str) -> None:
        """Make a minimal course for each id that has none."""
        missing = dict.fromkeys(name for name in external_ids if name not in self.known)
        if missing:
            self.add({name: {"title": placeholder_title(name), "language": language} for name in missing})

    def _row(self, external_id: str, values: dict[str, Any]) -> dict[str, Any]:
        moment = now()
        defaults = {
            "summary": "", "level": None, "duration_minutes": None, "language": "en", "price_cents": 0, "certificate": False,
            "topic_id": None, "creator_id": None, "published_at": UNDATED, "created_at": moment, "updated_at": moment,
        }  # fmt: skip
        slug = self._slugs.make(values["title"], f"course-{slug_of(external_id, 80, 'without-a-name')}")
        fixed = {"slug": slug, "status": CourseStatus.PUBLISHED, "source": self.source}
        return defaults | values | fixed | {"external_id": external_id, "outcomes": []}


def placeholder_title(external_id: str) -> str:
    """The title of a course nothing is known of."""
    return gettext("Course %(id)s", id=external_id)


class CourseSink:
    """Parses and writes the rows of a courses file."""

    stateful = True

    def __init__(self, layout: Layout, source: str, dry: bool, assumed: frozenset[str] = frozenset()) -> None:
        self._layout, self._dry = layout, dry
        self.new_courses: set[str] = set()
        self._courses_of_source, self._vocabulary, self._creators = SourceCourses(source, dry), Vocabulary(dry), Creators(source, dry)
        self._courses_of_source.create_missing(assumed, layout.language)
        self._seen = cells.SeenIds()
        self._titles: dict[str, str] = {}
        self._required: list[CourseIn] = []

    def parse(self, row: Row) -> CourseIn | None:
        """The course of a row, unless it has problems."""
        external_id = row.parse_field("course_id", cells.identifier, "", required=True)
        title = row.parse_field("title", self._title, None, required=not self._layout.placeholder_titles)
        course = CourseIn(
            external_id=external_id,
            row=row,
            values=self._values(row, title),
            topics=self._layout.topics(row),
            tags=row.parse_field("tags", cells.names, cells.NO_NAMES)[:_MOST_TAGS],
            skills=self._parse_skills(row),
            prerequisites=row.parse_field("prerequisites", cells.few_names, cells.NO_NAMES),
            creator=next(iter(row.parse_field("creator", cells.names, cells.NO_NAMES)), None),
        )
        self._seen.check(row, "course_id", external_id)
        if external_id in course.prerequisites:
            row.complain("prerequisites", gettext("a course cannot require itself"))
        if row.has_errors:
            return None
        self._warn_of_repeated_title(row, title, external_id)
        for field, names in (("topics", course.topics), ("tags", course.tags), ("skills", course.skills)):
            warn_of_long_names(row, field, names)
        if course.prerequisites:
            self._required.append(course)
        return course

    def _title(self, cell: str) -> str:
        # Dressed as it stands: double blanks in it mean something to a layout.
        return cells.short_text_parser(cells.MAX_TITLE)(self._layout.dress(cell))

    def _parse_skills(self, row: Row) -> tuple[str, ...]:
        """Those of the cell; a layout that is known for long lists keeps the first of them, elsewhere a long list is an error."""
        parse = cells.names if self._layout.most_skills else cells.few_names
        return row.parse_field("skills", parse, cells.NO_NAMES)[: self._layout.most_skills]

    def _values(self, row: Row, title: str | None) -> dict[str, Any]:
        dress = self._layout.dress
        text = row.parse_field("description", cells.long_text, None)
        duration = row.parse_field("duration_minutes", lambda cell: cells.minutes(cell, self._layout.minutes_unit), None)
        price = row.parse_field("price_cents", cells.number_between(0, _MOST_PRICE), None)
        values = {
            "title": title,
            "summary": dress(text) if text else None,
            "level": row.parse_field("level", cells.level, None),
            "duration_minutes": duration,
            "language": row.parse_field("language", cells.language, None),
            "price_cents": None if price is None else round(price),
            "certificate": row.parse_field("certificate", cells.yes_or_no, None),
            "published_at": row.parse_field("published", cells.moment, None),
        }
        return {name: value for name, value in values.items() if value is not None}

    def _warn_of_repeated_title(self, row: Row, title: str | None, external_id: str) -> None:
        if title:
            other = self._titles.setdefault(fold(title), external_id)
            if other != external_id:
                row.complain("title", gettext("course %(other)s has the same title", other=other), "warning")

    def write(self, courses: Sequence[CourseIn]) -> ImportCounts:
        """Add and change courses and their links."""
        self._vocabulary.ensure_topics(name for course in courses for name in course.topics)
        self._vocabulary.ensure_tags(name for course in courses for name in course.tags)
        self._vocabulary.ensure_skills(name for course in courses for name in course.skills)
        self._creators.create_missing(course.creator for course in courses if course.creator)
        for course in courses:
            self._resolve(course)
        new = {course.external_id: course for course in courses if course.external_id not in self._courses_of_source.known}
        self._courses_of_source.add(
            {name: {"title": placeholder_title(name), "language": self._layout.language} | course.values for name, course in new.items()}
        )
        self.new_courses |= new.keys()
        changed = self._update_courses([course for course in courses if course.external_id not in new])
        changed |= self._add_missing_links(courses)
        n_changed = len(changed - set(new))
        return ImportCounts(new=len(new), changed=n_changed, known=len(courses) - len(new) - n_changed)

    def _resolve(self, course: CourseIn) -> None:
        """Put ids where the file has names."""
        topics = self._vocabulary.topic_ids(course.topics)
        creator = self._creators.id_of(course.creator) if course.creator else None
        if topics:
            course.values["topic_id"] = topics[0]
        if creator is not None:
            course.values["creator_id"] = creator

    def _update_courses(self, courses: Sequence[CourseIn]) -> set[str]:
        """Write what differs from the database; external ids of the courses that did."""
        changed, rewritten = set(), set()
        for course in courses:
            known = self._courses_of_source.known[course.external_id]
            news = {name: value for name, value in course.values.items() if self._should_update(course, name, value)}
            if news:
                changed.add(course.external_id)
                known.values |= news
                if not self._dry:
                    written = with_folded(Course.__table__, news)
                    db.session.execute(update(Course.__table__).where(Course.id == known.id).values(**written, updated_at=now()))
                    if _PAGE & news.keys():
                        rewritten.add(known.id)
        _record_versions(rewritten)
        return changed

    def _should_update(self, course: CourseIn, name: str, value: Any) -> bool:
        current = self._courses_of_source.known[course.external_id].values[name]
        if name == "duration_minutes" and self._courses_of_source.has_lessons(course.external_id):
            return False  # its lessons say how long it takes
        if self._layout.fills_only and current not in (None, "", UNDATED, placeholder_title(course.external_id)):
            return False
        return bool(current != value)

    def _add_missing_links(self, courses: Sequence[CourseIn]) -> set[str]:
        """Add the links that are missing; external ids of the courses that got one."""
        by_id = {self._courses_of_source.known[course.external_id].id: course for course in courses}
        changed: set[str] = set()
        words = self._vocabulary
        for model, column, named in (
            (CourseTopic, "topic_id", {number: words.topic_ids(course.topics) for number, course in by_id.items()}),
            (CourseTag, "tag_id", {number: words.tag_ids(course.tags) for number, course in by_id.items()}),
            (CourseSkill, "skill_id", {number: words.skill_ids(course.skills) for number, course in by_id.items()}),
        ):
            wanted = {(number, other) for number, others in named.items() for other in others}
            missing = wanted - _existing_links(model, column, {number for number, _ in wanted})
            if not self._dry:
                insert_new(model, [{"course_id": number, column: other} for number, other in sorted(missing)])
            changed |= {by_id[number].external_id for number, _ in missing}
        return changed

    def finish(self) -> list[Problem]:
        """Write prerequisites, now that all courses are there; a warning for each that is not."""
        pairs, problems = set(), []
        for course in self._required:
            for name in course.prerequisites:
                required = self._courses_of_source.id_of(name)
                if required is None:
                    problems.append(
                        course.row.make_problem(
                            "prerequisites", gettext("%(name)r is no course of this source: left out", name=name), "warning"
                        )
                    )
                else:
                    pairs.add((self._courses_of_source.known[course.external_id].id, required))
        if not self._dry:
            insert_new(Prerequisite, [{"course_id": number, "required_id": required} for number, required in sorted(pairs)])
        return problems


def _record_versions(course_ids: set[int]) -> None:
    """Write down what pages of courses say now, where courses have versions: an import can be taken back like any other edit, and whoever
    is editing the course is told that somebody else has."""
    ids = sorted(course_ids)
    for start in range(0, len(ids), BATCH // 2):
        versioned = select(CourseVersion.course_id).where(CourseVersion.course_id.in_(ids[start : start + BATCH // 2]))
        courses = select(Course).where(Course.id.in_(versioned)).order_by(Course.id).execution_options(populate_existing=True)
        for course in db.session.scalars(courses).all():
            record_version(System(), course, content_of(course.id))


def _existing_links(model: Any, column: str, course_ids: set[int]) -> set[tuple[int, int]]:
    """The links these courses have."""
    links: set[tuple[int, int]] = set()
    ids = sorted(course_ids)
    for start in range(0, len(ids), BATCH // 2):
        query = select(model.course_id, getattr(model, column)).where(model.course_id.in_(ids[start : start + BATCH // 2]))
        links |= {(row[0], row[1]) for row in db.session.execute(query)}
    return links
