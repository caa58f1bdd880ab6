"""Reader of the sample catalog: what lies under content/ and in the vocabulary files, checked as a whole.

FORMAT.md describes the files. Every slip is reported with its file and line, all of them at once.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from webapp.sample.course_file import CourseFile, Module, Problem, UnreadableError, read_course

ROOT = Path(__file__).resolve().parent
LEVELS = ("beginner", "intermediate", "advanced")
FIRST_DAY, LAST_DAY = date(2025, 6, 1), date(2026, 10, 31)


class CatalogError(Exception):
    """The catalog cannot be used; `problems` names every slip."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("The sample catalog has slips:\n  " + "\n  ".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A row of topics.toml."""

    slug: str
    name: str
    hue: int


@dataclass(frozen=True, slots=True)
class SkillEntry:
    """A row of skills.toml."""

    slug: str
    name: str
    topic: str


@dataclass(frozen=True, slots=True)
class GoalEntry:
    """A row of goals.toml; `skills` maps slugs to 1, 2 or 3."""

    slug: str
    name: str
    summary: str
    skills: dict[str, int]


@dataclass(frozen=True, slots=True)
class CreatorEntry:
    """A row of creators.toml."""

    name: str
    known: bool


@dataclass(frozen=True, slots=True)
class CourseEntry:
    """A course file; `skills` and `prerequisites` are slugs, the main skill first."""

    slug: str
    topic: str
    title: str
    summary: str
    level: str
    creator: str
    skills: tuple[str, ...]
    tags: tuple[str, ...]
    prerequisites: tuple[str, ...]
    outcomes: tuple[str, ...]
    published: date
    price: int
    certificate: bool
    modules: tuple[Module, ...]

    @property
    def minutes(self) -> int:
        """What all lessons take together."""
        return sum(lesson.minutes for module in self.modules for lesson in module.lessons)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole sample catalog."""

    topics: tuple[TopicEntry, ...]
    skills: tuple[SkillEntry, ...]
    goals: tuple[GoalEntry, ...]
    creators: tuple[CreatorEntry, ...]
    courses: tuple[CourseEntry, ...]


def load_catalog(root: Path = ROOT) -> Catalog:
    """The catalog under `root`. Raises CatalogError naming every slip."""
    problems: list[Problem] = []
    files = [file for path in sorted((root / "content").glob("*/*.md")) if (file := _read(path, root, problems))]
    catalog = Catalog(
        topics=tuple(TopicEntry(**row) for row in _table(root, "topic")),
        skills=tuple(SkillEntry(**row) for row in _table(root, "skill")),
        goals=tuple(GoalEntry(**row) for row in _table(root, "goal")),
        creators=tuple(CreatorEntry(**row) for row in _table(root, "creator")),
        courses=tuple(entry for file in files if (entry := _validated_entry(file, problems))),
    )
    _check(catalog, {file.slug: file for file in files}, problems)
    if problems:
        raise CatalogError(sorted(problems))
    return catalog


def _read(path: Path, root: Path, problems: list[Problem]) -> CourseFile | None:
    try:
        return read_course(path, path.relative_to(root).as_posix())
    except UnreadableError as error:
        problems.extend(error.problems)
        return None


def _table(root: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a vocabulary file, which is named after the plural."""
    rows: list[dict[str, Any]] = tomllib.loads((root / f"{name}s.toml").read_text(encoding="utf-8"))[name]
    return rows


_FIELDS: dict[str, type] = {
    "title": str,
    "summary": str,
    "level": str,
    "creator": str,
    "skills": list,
    "tags": list,
    "prerequisites": list,
    "outcomes": list,
    "published": str,
    "price": int,
    "certificate": bool,
}


def _validated_entry(file: CourseFile, problems: list[Problem]) -> CourseEntry | None:
    """The entry of a file whose front matter has every field, in the right type."""
    slips = [
        file.problem(name, f"{name} is missing" if name not in file.front else f"{name} is not a {kind.__name__}")
        for name, kind in _FIELDS.items()
        if not isinstance(file.front.get(name), kind)
    ]
    slips += [file.problem(name, f"{name} is not a known field") for name in file.front if name not in _FIELDS]
    published = _parse_published_day(str(file.front.get("published")))
    if published is None:
        slips.append(file.problem("published", f"published is not a date from {FIRST_DAY} to {LAST_DAY}"))
    problems.extend(slips)
    if slips or published is None:
        return None
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in file.front.items()}
    values |= {"slug": file.slug, "topic": file.topic, "modules": file.modules, "published": published}
    return CourseEntry(**values)


def _parse_published_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def _check(catalog: Catalog, files: dict[str, CourseFile], problems: list[Problem]) -> None:
    """References between the files, and counts the format asks for."""
    topics, skills = {row.slug for row in catalog.topics}, {row.slug for row in catalog.skills}
    creators, courses = {row.name for row in catalog.creators}, {row.slug: row for row in catalog.courses}
    titles, slugs = Counter(row.title for row in catalog.courses), Counter(row.slug for row in catalog.courses)
    for course in catalog.courses:
        checks = [
            ("title", course.topic in topics, f"the folder {course.topic} is not in topics.toml"),
            ("title", titles[course.title] == 1, "another course has this title"),
            ("title", slugs[course.slug] == 1, "a file in another folder has the same name"),
            ("creator", course.creator in creators, f"{course.creator} is not in creators.toml"),
            ("level", course.level in LEVELS, f"level is not one of {', '.join(LEVELS)}"),
            ("skills", 2 <= len(course.skills) <= 4, "2 to 4 skills are expected"),
            ("tags", 3 <= len(course.tags) <= 6, "3 to 6 tags are expected"),
            ("outcomes", 3 <= len(course.outcomes) <= 4, "3 or 4 outcomes are expected"),
            ("price", course.price == 0 or 1900 <= course.price <= 5900, "price is neither 0 nor 1900 to 5900 cents"),
            *(("skills", slug in skills, f"{slug} is not in skills.toml") for slug in course.skills),
            *(
                ("prerequisites", _is_valid_prerequisite(courses, slug, course), _prerequisite_message(courses, slug))
                for slug in course.prerequisites
            ),
        ]
        problems.extend(files[course.slug].problem(field, message) for field, fits, message in checks if not fits)
    problems.extend(_prerequisite_cycle_problems(courses, files))
    for goal in catalog.goals:
        problems.extend(Problem("goals.toml", 0, f"{goal.slug} needs {s}, no skill") for s in goal.skills if s not in skills)


def _is_valid_prerequisite(courses: dict[str, CourseEntry], slug: str, course: CourseEntry) -> bool:
    required = courses.get(slug)
    return required is not None and slug != course.slug and LEVELS.index(required.level) <= LEVELS.index(course.level)


def _prerequisite_message(courses: dict[str, CourseEntry], slug: str) -> str:
    return f"the prerequisite {slug} " + ("is harder than the course" if slug in courses else "is not a course")


def _prerequisite_cycle_problems(courses: dict[str, CourseEntry], files: dict[str, CourseFile]) -> list[Problem]:
    """A problem for each course that is among its own prerequisites, at whatever distance."""
    problems = []
    for slug in courses:
        seen: set[str] = set()
        stack = list(courses[slug].prerequisites)
        while stack:
            step = stack.pop()
            if step not in seen and step in courses:
                seen.add(step)
                stack.extend(courses[step].prerequisites)
        if slug in seen:
            problems.append(files[slug].problem("prerequisites", "the course is among its own prerequisites"))
    return problems
