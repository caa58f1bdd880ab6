import shutil
from pathlib import Path
from statistics import median

import pytest

from webapp.sample.catalog_reader import LEVELS, ROOT, CatalogError, load_catalog
from webapp.support.lesson_time import LessonTime, split_text_and_practice

COURSE = """+++
title = "One"
summary = "What it is."
level = "beginner"
creator = "Ines Okafor"
skills = ["sql", "joins"]
tags = ["a", "b", "c"]
prerequisites = []
outcomes = ["Do a", "Do b", "Do c"]
published = "2026-01-19"
price = 0
certificate = true
+++

# Module

## Lesson

Text with a fence:

```python
# not a module
## not a lesson
```

### Practice (20 min)

Take a table of your own, do to it what this lesson shows, and compare the two results.

## Quiz: Checks

? Which?
- [ ] This
- [x] That
> Because.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("topics", "skills", "goals", "creators"):
        shutil.copy(ROOT / f"{name}.toml", tmp_path)
    (tmp_path / "content" / "data").mkdir(parents=True)
    return tmp_path


def slips(root: Path, text: str) -> list[str]:
    (root / "content" / "data" / "one.md").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        load_catalog(root)
    return [str(problem) for problem in caught.value.problems]


def test_the_catalog_that_ships_is_large_and_has_no_slips() -> None:
    catalog = load_catalog()
    assert len(catalog.courses) >= 120
    assert len({course.topic for course in catalog.courses}) >= 12
    assert len(catalog.goals) >= 10
    assert {course.level for course in catalog.courses} == set(LEVELS)
    for course in catalog.courses:
        lessons = [lesson for module in course.modules for lesson in module.lessons]
        assert any(lesson.quiz for lesson in lessons)
        assert all(lesson.body or lesson.questions for lesson in lessons)
    taught = {skill for course in catalog.courses for skill in course.skills}
    assert all(set(goal.skills) <= taught for goal in catalog.goals)


def test_minutes_of_shipped_lessons_rest_on_words_or_on_a_practice_of_their_own() -> None:
    courses = load_catalog().courses
    lessons = [lesson for course in courses for module in course.modules for lesson in module.lessons]
    # Half a screen of text is read in minutes: whatever takes longer says what to do in that time.
    assert max(lesson.minutes - lesson.time.practice for lesson in lessons) <= 5
    practices = [practice.text for lesson in lessons if (practice := split_text_and_practice(lesson.body)[1])]
    assert len(set(practices)) == len(practices) > 800
    assert min(len(text.split()) for text in practices) >= 12
    # What to do stands in the practice, where its time is counted, and not in the text above it.
    asides = ("Exercise:", "**Exercise", "**Experiment", "**Try it")
    assert [lesson.title for lesson in lessons if any(aside in split_text_and_practice(lesson.body)[0] for aside in asides)] == []
    assert all(75 <= course.minutes <= 360 for course in courses)


def test_harder_courses_take_longer() -> None:
    courses = load_catalog().courses
    typical = [median(course.minutes for course in courses if course.level == level) for level in LEVELS]
    assert typical == sorted(typical)


def test_a_course_file_is_read_with_its_quiz_and_code(root: Path) -> None:
    (root / "content" / "data" / "one.md").write_text(COURSE, encoding="utf-8")
    (course,) = load_catalog(root).courses
    assert (course.slug, course.topic, course.minutes, [module.title for module in course.modules]) == ("one", "data", 22, ["Module"])
    lesson, quiz = course.modules[0].lessons
    assert lesson.body.startswith("Text with a fence")
    assert "## not a lesson" in lesson.body
    assert lesson.time == LessonTime(reading=1, practice=20)
    assert quiz.time == LessonTime(quiz=1)
    (question,) = quiz.questions
    assert (question.text, [choice.correct for choice in question.choices], question.explanation) == ("Which?", [False, True], "Because.")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('level = "beginner"', 'level = "hard"', "one.md:4: level is not one of"),
        ('level = "beginner"\n', "", "one.md:1: level is missing"),
        ("price = 0", 'price = "free"', "one.md:11: price is not a int"),
        ("price = 0", "price = 500", "one.md:11: price is neither 0"),
        ("2026-01-19", "2024-01-19", "one.md:10: published is not a date from"),
        ('"sql", "joins"', '"sql", "cooking"', "one.md:6: cooking is not in skills.toml"),
        ("Ines Okafor", "Nobody", "one.md:5: Nobody is not in creators.toml"),
        ("prerequisites = []", 'prerequisites = ["two"]', "one.md:8: the prerequisite two is not a course"),
        ("## Lesson\n", "## Lesson (14 min)\n", "one.md:17: the minutes of a lesson are computed"),
        ("## Quiz: Checks\n", "## Quiz: Checks (6 min)\n", "one.md:30: the minutes of a lesson are computed"),
        ("## Lesson\n", "##Lesson\n", 'one.md:17: a lesson heading reads "## Title"'),
        ("(20 min)", "(20 minutes)", 'one.md:26: the heading of a practice reads "### Practice (20 min)"'),
        ("(20 min)", "", 'one.md:26: the heading of a practice reads "### Practice (20 min)"'),
        ("(20 min)", "(4 min)", "one.md:26: a practice takes 5 to 90 minutes"),
        ("(20 min)", "(91 min)", "one.md:26: a practice takes 5 to 90 minutes"),
        (
            "Take a table of your own, do to it what this lesson shows, and compare the two results.",
            "",
            "one.md:17: the practice does not say",
        ),
        ("Take a table of your own, do to it what this lesson shows, and compare", "Practice", "one.md:17: a practice says what to do"),
        ("two results.\n", "two results.\n\n### Practice (10 min)\n\nAnother one.\n", "one.md:17: a lesson has one practice"),
        ("- [x] That", "- [ ] That", "one.md:32: a question has exactly one [x]"),
        ("> Because.\n", "", "one.md:32: a line that begins with"),
        ("? Which?\n", "", 'one.md:32: a quiz begins with a question: "? …"'),
        ("```\n\n### Practice", "\n### Practice", "one.md:21: a code block is not closed"),
        ('title = "One"', "title = One", "one.md:2: front matter"),
    ],
)
def test_slips_are_named_with_file_and_line(root: Path, old: str, new: str, message: str) -> None:
    assert old in COURSE
    found = slips(root, COURSE.replace(old, new))
    assert any(message in slip for slip in found), found


def test_all_slips_are_reported_at_once(root: Path) -> None:
    assert len(slips(root, COURSE.replace("beginner", "hard").replace("price = 0", "price = 1").replace("- [x]", "- [ ]"))) == 1
    assert len(slips(root, COURSE.replace("beginner", "hard").replace("price = 0", "price = 1"))) == 2


def test_courses_that_require_each_other_are_refused(root: Path) -> None:
    other = COURSE.replace('title = "One"', 'title = "Two"').replace("prerequisites = []", 'prerequisites = ["one"]')
    (root / "content" / "data" / "two.md").write_text(other, encoding="utf-8")
    found = slips(root, COURSE.replace("prerequisites = []", 'prerequisites = ["two"]'))
    assert sum("among its own prerequisites" in slip for slip in found) == 2
