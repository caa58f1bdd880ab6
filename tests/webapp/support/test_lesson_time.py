"""Minutes of lessons on texts whose answer is counted by hand."""

import pytest

from webapp.support.lesson_time import LessonTime, Practice, lesson_time, split_text_and_practice


def words(count: int) -> str:
    return " ".join(["word"] * count)


@pytest.mark.parametrize(
    ("body", "reading"),
    [
        ("", 0),
        ("   \n\n", 0),
        ("One.", 1),
        (words(200), 1),
        (words(201), 2),
        (words(1000), 5),
        # marks, separators and addresses behind links are not read
        ("\n".join(["| - | --- | # | > | * | … |"] * 300), 0),
        ("\n".join([f"- [seven](https://example.org/{'x' * 900})"] * 200), 1),
        # a hyphenated word, a number with its unit, a formula: what blanks part
        ("state-of-the-art 5.50 x²", 1),
        # six lines of code a minute; blank lines and fences are none
        ("```python\n" + "x = 1\n" * 6 + "```", 1),
        ("```python\n" + "x = 1\n" * 7 + "```", 2),
        ("```\n" + "\n" * 500 + "x\n```", 1),
        ("~~~\n" + "a\n" * 12 + "~~~\n" + words(200), 3),
        (f"{words(100)}\n\n```\n" + "x\n" * 3 + "```", 1),
        # a fence inside a longer fence is code
        ("````\n```\n" + "x\n" * 12 + "````", 2),
        # a fence nobody closes lasts to the end
        ("```\n" + "x\n" * 12, 2),
        # Chinese and Japanese: five hundred letters a minute; Thai: eight hundred
        ("机" * 500, 1),
        ("机" * 501, 2),
        ("。".join(["学习" * 50] * 5), 1),
        ("か" * 1000, 2),
        ("ก" * 800, 1),
        ("ก" * 801, 2),
        # scripts with blanks count like English
        (" ".join(["слово"] * 201), 2),
        (" ".join(["단어"] * 200), 1),
        (" ".join(["كلمة"] * 200), 1),
        # mixed in one token: the letters and one word
        ("用Python写" * 200, 2),
    ],
)
def test_reading_is_counted_from_words_and_code(body: str, reading: int) -> None:
    assert lesson_time(body) == LessonTime(reading=reading)


@pytest.mark.parametrize(("questions", "minutes"), [(1, 1), (3, 3), (10, 10)])
def test_a_question_takes_a_minute(questions: int, minutes: int) -> None:
    assert lesson_time("", questions).minutes == minutes


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (754, 13)])
def test_a_video_takes_its_length(seconds: int, minutes: int) -> None:
    assert lesson_time("", video_seconds=seconds).minutes == minutes


def test_parts_add_up() -> None:
    time = lesson_time(f"{words(300)}\n\n### Practice (20 min)\n\n{words(900)}", questions=2, video_seconds=90)
    assert time == LessonTime(reading=2, video=2, quiz=2, practice=20)
    assert time.minutes == 26


def test_even_an_empty_lesson_takes_a_minute() -> None:
    assert lesson_time("").minutes == 1


def test_a_practice_is_split_from_the_text() -> None:
    body = "First.\n\nSecond.\n\n### Practice (25 min)\n\nDo this.\n\n1. So\n2. and so\n"
    assert split_text_and_practice(body) == ("First.\n\nSecond.", Practice(25, "Do this.\n\n1. So\n2. and so"))


@pytest.mark.parametrize(
    "body",
    [
        "No practice here.",
        "Text.\n\n### Practice (20 min)",  # minutes with nothing behind them
        "Text.\n\n### Practice (20 min)\n\n   \n",
        "Text.\n\n### Practice\n\nDo it.",
        "Text.\n\n### Practice (0 min)\n\nDo it.",
        "Text.\n\n### Practice (-5 min)\n\nDo it.",
        "Text.\n\n### Practice (1e9 min)\n\nDo it.",
        "Text.\n\n### Practice (20000 min)\n\nDo it.",
        "Text.\n\n## Practice (20 min)\n\nDo it.",
        "Text.\n\nSee ### Practice (20 min) below.\n\nDo it.",
        "```\n### Practice (20 min)\n\nDo it.\n```",
        "~~~md\n### Practice (20 min)\nDo it.",
    ],
)
def test_what_is_no_practice_adds_no_minutes(body: str) -> None:
    assert split_text_and_practice(body) == (body, None)
    assert lesson_time(body).practice == 0


def test_a_practice_after_code_counts() -> None:
    body = "```\ncode\n```\n### Practice (5 min)\nDo it, with ```ticks``` in a line."
    assert split_text_and_practice(body) == ("```\ncode\n```", Practice(5, "Do it, with ```ticks``` in a line."))


def test_windows_line_ends_are_no_obstacle() -> None:
    text, practice = split_text_and_practice("Text.\r\n\r\n### Practice (15 min)\r\n\r\nDo it.\r\n")
    assert (text, practice) == ("Text.", Practice(15, "Do it."))
