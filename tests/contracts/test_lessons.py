"""Lessons that were taken out of a course stay unseen: only who works on their history reads the table itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.test_house import ROOT, name

# Who reads or makes rows of Lesson past OfferedLesson, with the reason.
READS_ALL = {
    "webapp/models/offered_lesson.py": "defines it",
    "webapp/queries/syllabus.py": "is_removed_lesson tells a lesson that is gone from one that never was",
    "webapp/services/content_rows.py": "a lesson that left comes back as the same row",
    "webapp/services/events.py": "time in a lesson that left a moment ago was spent all the same",
    "webapp/sample/store.py": "makes lessons",
}
SOURCES = sorted(path for path in (ROOT / "webapp").rglob("*.py") if "versions" not in path.parts and path.parent.name != "models")
SOURCES.append(ROOT / "webapp/models/offered_lesson.py")


def reads(source: str) -> Iterator[int]:
    """Lines that use the model Lesson as a value: a column of it, or the class handed to somebody."""
    tree = ast.parse(source)
    if not any(isinstance(node, ast.ImportFrom) and any(alias.name == "Lesson" for alias in node.names) for node in ast.walk(tree)):
        return
    in_types = {id(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}  # tuple[Enrollment, Lesson]
    for node in ast.walk(tree):
        values: list[ast.expr] = []
        if isinstance(node, ast.Attribute):
            values = [node.value]
        elif isinstance(node, ast.Call):
            values = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.Tuple | ast.List) and id(node) not in in_types:
            values = node.elts
        if any(isinstance(value, ast.Name) and value.id == "Lesson" for value in values):
            yield node.lineno


def of_the_tables(path: Path) -> bool:
    """Whether `Lesson` in this file is the model; the sample catalog has a class of its own by that name."""
    return "from webapp.models" in (text := path.read_text(encoding="utf-8")) and "class Lesson" not in text


@pytest.mark.parametrize("path", [path for path in SOURCES if of_the_tables(path)], ids=name)
def test_lessons_are_read_through_what_hides_removed_ones(path: Path) -> None:
    lines = list(reads(path.read_text(encoding="utf-8")))
    assert bool(lines) == (name(path) in READS_ALL), f"lines {lines}"


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("from webapp.models.lesson import Lesson\nselect(Lesson.id)", True),
        ("from webapp.models.lesson import Lesson\nselect(Course).join(Lesson)", True),
        ("from webapp.models.lesson import Lesson\nfor model in (Course, Lesson): pass", True),
        ("from webapp.models.lesson import Lesson\ndef title(lesson: Lesson) -> tuple[str, Lesson]: ...", False),
        ("from webapp.models.offered_lesson import OfferedLesson\nselect(OfferedLesson.id)", False),
    ],
)
def test_the_rule_tells_reading_from_naming(source: str, seen: bool) -> None:
    assert bool(list(reads(source))) is seen
