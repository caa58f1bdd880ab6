"""Rules for the content of a course: what it may hold, and how its text is cleaned. Nothing is written here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from webapp.models import LessonKind
from webapp.queries.course_content import ChoiceContent, CourseContent, LessonContent, ModuleContent, QuestionContent
from webapp.services.errors import Invalid
from webapp.support.text import clean_line, clean_text, is_blank

MOST_MODULES, MOST_LESSONS, MOST_QUESTIONS, MOST_CHOICES = 100, 500, 100, 20
LONGEST_TITLE, LONGEST_BODY, LONGEST_TEXT = 200, 200_000, 2_000
MOST_VIDEO_MINUTES = 600

Row = TypeVar("Row", LessonContent, QuestionContent, ChoiceContent)
Part = TypeVar("Part", ModuleContent, LessonContent, QuestionContent, ChoiceContent)


def checked(content: CourseContent) -> CourseContent:
    """The content with its text cleaned. Raises Invalid; its field is the path, as in `modules.0.lessons.2.title`."""
    _limit(content.modules, MOST_MODULES, "modules", "modules")
    _limit(content.lessons, MOST_LESSONS, "modules", "lessons")
    cleaned = CourseContent(_each(content.modules, _module, "modules"))
    _refuse_repeated_ids(cleaned.lessons, "modules", "lesson")
    return cleaned


def _module(module: ModuleContent, path: str) -> ModuleContent:
    return ModuleContent(_title(module.title, f"{path}.title"), _each(module.lessons, _lesson, f"{path}.lessons"))


def _lesson(lesson: LessonContent, path: str) -> LessonContent:
    kind = _kind(lesson.kind, f"{path}.kind")
    _require(bool(lesson.questions) == (kind == LessonKind.QUIZ), "A quiz has questions, and only a quiz.", f"{path}.questions")
    _limit(lesson.questions, MOST_QUESTIONS, f"{path}.questions", "questions")
    longest_video = MOST_VIDEO_MINUTES if kind == LessonKind.VIDEO else 0
    _require(0 <= lesson.video_minutes <= longest_video, f"A video takes up to {MOST_VIDEO_MINUTES} minutes.", f"{path}.video_minutes")
    questions = _each(lesson.questions, _question, f"{path}.questions")
    _refuse_repeated_ids(questions, f"{path}.questions", "question")
    title = _title(lesson.title, f"{path}.title")
    return replace(lesson, title=title, kind=kind, body=_text(lesson.body, LONGEST_BODY, f"{path}.body"), questions=questions)


def _question(question: QuestionContent, path: str) -> QuestionContent:
    text = _text(question.text, LONGEST_TEXT, f"{path}.text")
    _require(not is_blank(text), "A question needs words.", f"{path}.text")
    _require(2 <= len(question.choices) <= MOST_CHOICES, f"A question has 2 to {MOST_CHOICES} choices.", f"{path}.choices")
    choices = _each(question.choices, _choice, f"{path}.choices")
    _refuse_repeated_ids(choices, f"{path}.choices", "choice")
    _require(len({choice.text for choice in choices}) == len(choices), "Two choices are the same.", f"{path}.choices")
    _require(sum(choice.correct for choice in choices) == 1, "One choice is the right one.", f"{path}.choices")
    return replace(question, text=text, explanation=_text(question.explanation, LONGEST_TEXT, f"{path}.explanation"), choices=choices)


def _choice(choice: ChoiceContent, path: str) -> ChoiceContent:
    text = _text(choice.text, LONGEST_TEXT, f"{path}.text")
    _require(not is_blank(text), "A choice needs words.", f"{path}.text")
    return replace(choice, text=text)


def _kind(kind: str, path: str) -> LessonKind:
    _require(kind in set(LessonKind), "There is no such kind of lesson.", path)
    return LessonKind(kind)


def _title(title: str, path: str) -> str:
    line = clean_line(title)
    _require(not is_blank(line), "It needs a title.", path)
    _require(len(line) <= LONGEST_TITLE, f"A title has up to {LONGEST_TITLE} characters.", path)
    return line


def _text(text: str, longest: int, path: str) -> str:
    cleaned = clean_text(text)
    _require(len(cleaned) <= longest, f"Up to {longest:,} characters.", path)
    return cleaned


def _each(parts: Sequence[Part], clean: Callable[[Part, str], Part], path: str) -> tuple[Part, ...]:
    return tuple(clean(part, f"{path}.{place}") for place, part in enumerate(parts))


def _limit(parts: Sequence[object], most: int, path: str, name: str) -> None:
    _require(len(parts) <= most, f"Up to {most} {name}.", path)


def _refuse_repeated_ids(rows: Iterable[Row], path: str, name: str) -> None:
    ids = [row.id for row in rows if row.id is not None]
    _require(len(set(ids)) == len(ids), f"The same {name} stands in it twice.", path)


def _require(fits: bool, message: str, path: str) -> None:
    if not fits:
        raise Invalid(message, path)
