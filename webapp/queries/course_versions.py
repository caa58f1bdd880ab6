"""Versions of a course's content, and what differs between two of them."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.extensions import db
from webapp.models.course import CourseVersion
from webapp.models.user import User
from webapp.queries.course_content import CourseContent, LessonContent


@dataclass(frozen=True, slots=True)
class VersionItem:
    """A version in the list; `author` is None for the machine and for who is gone."""

    number: int
    created_at: datetime
    author: str | None
    note: str
    published: bool


@dataclass(frozen=True, slots=True)
class ContentDifference:
    """Lessons that differ between two contents: those that came and went, those with other words, and those in another place.

    A lesson may be among the changed and the moved ones. All but the removed ones are as the later content has them. `page`: what the
    page of the course says differs.
    """

    added: tuple[LessonContent, ...] = ()
    removed: tuple[LessonContent, ...] = ()
    changed: tuple[LessonContent, ...] = ()
    moved: tuple[LessonContent, ...] = ()
    page: bool = False


def versions_of(course_id: int, limit: int = 50, offset: int = 0) -> list[VersionItem]:
    """Versions of the course without their content, the newest first; one statement."""
    rows = db.session.execute(
        select(CourseVersion.number, CourseVersion.created_at, User.name, CourseVersion.note, CourseVersion.published)
        .outerjoin(User, User.id == CourseVersion.author_id)
        .where(CourseVersion.course_id == course_id)
        .order_by(CourseVersion.number.desc())
        .limit(limit)
        .offset(offset)
    )
    return [VersionItem(*row) for row in rows]


def last_version(course_id: int) -> CourseVersion | None:
    """The newest version of the course; None where its content was never changed or published."""
    query = select(CourseVersion).where(CourseVersion.course_id == course_id).order_by(CourseVersion.number.desc())
    return db.session.scalar(query.limit(1))


def version_of(course_id: int, number: int) -> CourseVersion | None:
    """The version of this number."""
    return db.session.scalar(select(CourseVersion).where(CourseVersion.course_id == course_id, CourseVersion.number == number))


def difference(earlier: CourseContent, later: CourseContent) -> ContentDifference:
    """What was added, removed, changed and moved on the way from one content of a course to another; lessons are known by id.

    Moved are the fewest lessons that have to change places, and those that went into another module.
    """
    before, after = _by_id(earlier), _by_id(later)
    common = [number for number in after if number in before]
    moved = _out_of_order(list(before), common) | _in_other_modules(earlier, later)
    return ContentDifference(
        added=tuple(lesson for number, lesson in after.items() if number not in before),
        removed=tuple(lesson for number, lesson in before.items() if number not in after),
        changed=tuple(after[number] for number in common if before[number] != after[number]),
        moved=tuple(after[number] for number in common if number in moved),
        page=None not in (earlier.page, later.page) and earlier.page != later.page,
    )


def _by_id(content: CourseContent) -> Mapping[int, LessonContent]:
    return {lesson.id: lesson for lesson in content.lessons if lesson.id is not None}


def _out_of_order(before: Sequence[int], common: Sequence[int]) -> set[int]:
    """Lessons outside a longest run that keeps its order (Fredman 1975)."""
    places = {number: place for place, number in enumerate(before)}
    ends: list[int] = []  # of the best run of each length: the place of its last lesson
    lengths: list[int] = []
    for number in common:
        length = bisect_left(ends, places[number])
        ends[length : length + 1] = [places[number]]
        lengths.append(length)
    moved, wanted = set(), len(ends) - 1
    for number, length in zip(reversed(common), reversed(lengths), strict=True):
        if length == wanted:
            wanted -= 1
        else:
            moved.add(number)
    return moved


def _in_other_modules(earlier: CourseContent, later: CourseContent) -> set[int]:
    """Lessons whose module is another one: neither at the same place nor of the same title."""
    before, after = _modules_by_lesson(earlier), _modules_by_lesson(later)
    return {number for number in after.keys() & before.keys() if all(a != b for a, b in zip(after[number], before[number], strict=True))}


def _modules_by_lesson(content: CourseContent) -> Mapping[int, tuple[int, str]]:
    parts = enumerate(content.modules)
    return {lesson.id: (place, part.title) for place, part in parts for lesson in part.lessons if lesson.id is not None}
