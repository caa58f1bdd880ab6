"""Rules for the content of a course: what it may hold, and how its text is cleaned. Nothing is written here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from webapp.models.lesson import LessonKind
from webapp.queries.course_content import ChoiceContent, CourseContent, CoursePage, LessonContent, ModuleContent, QuestionContent
from webapp.services.errors import Invalid
from webapp.support.messages import N_, gettext
from webapp.support.text import clean_line, clean_text, is_blank

MOST_MODULES, MOST_LESSONS, MOST_QUESTIONS, MOST_CHOICES = 100, 500, 100, 20
LONGEST_TITLE, LONGEST_BODY, LONGEST_TEXT = 200, 200_000, 2_000
LONGEST_COURSE_TITLE, LONGEST_SUMMARY, MOST_OUTCOMES = 300, 50_000, 50
MOST_VIDEO_MINUTES = 600

Row = TypeVar("Row", LessonContent, QuestionContent, ChoiceContent)
Part = TypeVar("Part", ModuleContent, LessonContent, QuestionContent, ChoiceContent)


def validated_course_content(content: CourseContent) -> CourseContent:
    """The content with its text cleaned. Raises Invalid; its field is the path, as in `modules.0.lessons.2.title`."""
    _require_at_most(content.modules, MOST_MODULES, "modules", N_("Up to %(most)s modules."))
    _require_at_most(content.lessons, MOST_LESSONS, "modules", N_("Up to %(most)s lessons."))
    page = None if content.page is None else _validated_course_page(content.page)
    cleaned = CourseContent(_each(content.modules, _module, "modules"), page)
    _refuse_repeated_ids(cleaned.lessons, "modules", N_("The same lesson stands in it twice."))
    return cleaned


def _validated_course_page(page: CoursePage) -> CoursePage:
    title = _validated_title_line(page.title, LONGEST_COURSE_TITLE, "page.title")
    _require_at_most(page.outcomes, MOST_OUTCOMES, "page.outcomes", N_("Up to %(most)s outcomes."))
    outcomes = (_text(outcome, LONGEST_TEXT, f"page.outcomes.{place}") for place, outcome in enumerate(page.outcomes))
    return CoursePage(title, _text(page.summary, LONGEST_SUMMARY, "page.summary"), tuple(text for text in outcomes if not is_blank(text)))


def _module(module: ModuleContent, path: str) -> ModuleContent:
    return ModuleContent(_title(module.title, f"{path}.title"), _each(module.lessons, _validated_lesson, f"{path}.lessons"))


def _validated_lesson(lesson: LessonContent, path: str) -> LessonContent:
    kind = _kind(lesson.kind, f"{path}.kind")
    _require(bool(lesson.questions) == (kind == LessonKind.QUIZ), N_("A quiz has questions, and only a quiz."), f"{path}.questions")
    _require_at_most(lesson.questions, MOST_QUESTIONS, f"{path}.questions", N_("Up to %(most)s questions."))
    longest_video = MOST_VIDEO_MINUTES if kind == LessonKind.VIDEO else 0
    _require(
        0 <= lesson.video_minutes <= longest_video,
        N_("A video takes up to %(most)s minutes."),
        f"{path}.video_minutes",
        most=MOST_VIDEO_MINUTES,
    )
    questions = _each(lesson.questions, _question, f"{path}.questions")
    _refuse_repeated_ids(questions, f"{path}.questions", N_("The same question stands in it twice."))
    title = _title(lesson.title, f"{path}.title")
    return replace(lesson, title=title, kind=kind, body=_text(lesson.body, LONGEST_BODY, f"{path}.body"), questions=questions)


def _question(question: QuestionContent, path: str) -> QuestionContent:
    text = _text(question.text, LONGEST_TEXT, f"{path}.text")
    _require(not is_blank(text), N_("A question needs words."), f"{path}.text")
    _require(2 <= len(question.choices) <= MOST_CHOICES, N_("A question has 2 to %(most)s choices."), f"{path}.choices", most=MOST_CHOICES)
    choices = _each(question.choices, _choice, f"{path}.choices")
    _refuse_repeated_ids(choices, f"{path}.choices", N_("The same choice stands in it twice."))
    _require(len({choice.text for choice in choices}) == len(choices), N_("Two choices are the same."), f"{path}.choices")
    _require(sum(choice.correct for choice in choices) == 1, N_("One choice is the right one."), f"{path}.choices")
    return replace(question, text=text, explanation=_text(question.explanation, LONGEST_TEXT, f"{path}.explanation"), choices=choices)


def _choice(choice: ChoiceContent, path: str) -> ChoiceContent:
    text = _text(choice.text, LONGEST_TEXT, f"{path}.text")
    _require(not is_blank(text), N_("A choice needs words."), f"{path}.text")
    return replace(choice, text=text)


def _kind(kind: str, path: str) -> LessonKind:
    _require(kind in set(LessonKind), N_("There is no such kind of lesson."), path)
    return LessonKind(kind)


def _title(title: str, path: str) -> str:
    return _validated_title_line(title, LONGEST_TITLE, path)


def _validated_title_line(title: str, longest: int, path: str) -> str:
    line = clean_line(title)
    _require(not is_blank(line), N_("It needs a title."), path)
    _require(len(line) <= longest, N_("A title has up to %(most)s characters."), path, most=longest)
    return line


def _text(text: str, longest: int, path: str) -> str:
    cleaned = clean_text(text)
    _require(len(cleaned) <= longest, N_("Up to %(most)s characters."), path, most=f"{longest:,}")
    return cleaned


def _each(parts: Sequence[Part], clean: Callable[[Part, str], Part], path: str) -> tuple[Part, ...]:
    return tuple(clean(part, f"{path}.{place}") for place, part in enumerate(parts))


def _require_at_most(parts: Sequence[object], most: int, path: str, message: str) -> None:
    _require(len(parts) <= most, message, path, most=most)


def _refuse_repeated_ids(rows: Iterable[Row], path: str, message: str) -> None:
    ids = [row.id for row in rows if row.id is not None]
    _require(len(set(ids)) == len(ids), message, path)


def _require(fits: bool, message: str, path: str, **values: object) -> None:
    """The message is marked with N_ where it is written, and looked up here, only when it is said."""
    if not fits:
        raise Invalid(gettext(message, **values), path)
