"""What differs between two contents of a course, and the list of its versions."""

from dataclasses import replace

import pytest

from webapp.models.course import CourseVersion
from webapp.queries.course_content import CourseContent, LessonContent, ModuleContent
from webapp.queries.course_versions import difference, versions_of

ONE, TWO, THREE, FOUR, FIVE = (LessonContent(f"Lesson {number}", id=number, slug=f"lesson-{number}") for number in range(1, 6))


def content(*modules: tuple[str, list[LessonContent]]) -> CourseContent:
    return CourseContent(tuple(ModuleContent(title, tuple(lessons)) for title, lessons in modules))


EARLIER = content(("A", [ONE, TWO, THREE]), ("B", [FOUR]))


@pytest.mark.parametrize(
    ("later", "added", "removed", "changed", "moved"),
    [
        (EARLIER, [], [], [], []),
        (content(("A", [ONE, THREE]), ("B", [FOUR, FIVE])), [FIVE], [TWO], [], []),
        (content(("A", [THREE, ONE, TWO]), ("B", [FOUR])), [], [], [], [THREE]),  # one went to the front, two did not move back
        (content(("A", [TWO, THREE, ONE]), ("B", [FOUR])), [], [], [], [ONE]),
        (content(("A", [ONE, TWO]), ("B", [THREE, FOUR])), [], [], [], [THREE]),
        (content(("New", [FIVE]), ("A", [ONE, TWO, THREE]), ("B", [FOUR])), [FIVE], [], [], []),  # what stands behind it did not move
        (content(("Other name", [ONE, TWO, THREE]), ("B", [FOUR])), [], [], [], []),
        (content(("A", [ONE, replace(TWO, body="x"), THREE]), ("B", [FOUR])), [], [], [replace(TWO, body="x")], []),
        (
            content(("A", [replace(TWO, title="x"), ONE, THREE]), ("B", [FOUR])),
            [],
            [],
            [replace(TWO, title="x")],
            [replace(TWO, title="x")],
        ),
        (content(), [], [ONE, TWO, THREE, FOUR], [], []),
    ],
)
def test_lessons_that_differ_are_named_once_for_each_way(later, added, removed, changed, moved) -> None:
    differs = difference(EARLIER, later)
    assert (list(differs.added), list(differs.removed), list(differs.changed), list(differs.moved)) == (added, removed, changed, moved)


def test_versions_are_listed_page_by_page_with_their_authors(db_session, make_course, make_user) -> None:
    course, author = make_course(), make_user("creator", name="Ada Example")
    for number in range(1, 4):
        by = author.id if number == 2 else None
        db_session.add(CourseVersion(course_id=course.id, number=number, author_id=by, note=f"note {number}", content={}))
    db_session.add(CourseVersion(course_id=make_course().id, number=7, content={}))
    db_session.flush()
    assert [(row.number, row.author, row.note) for row in versions_of(course.id, limit=2)] == [
        (3, None, "note 3"),
        (2, "Ada Example", "note 2"),
    ]
    assert [row.number for row in versions_of(course.id, limit=2, offset=2)] == [1]
