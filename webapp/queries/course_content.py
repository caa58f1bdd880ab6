"""Content of a course as plain data: its modules, lessons and quiz questions, in order."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.extensions import db
from webapp.models import Choice, Lesson, LessonKind, Module, OfferedLesson, Question
from webapp.support.lesson_time import lesson_time, video_minutes


@dataclass(frozen=True, slots=True)
class ChoiceContent:
    """An answer to choose; `id` is the row it is a new form of. One without is known by its text."""

    text: str
    correct: bool = False
    id: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """A question of a quiz; `id` as for choices."""

    text: str
    choices: tuple[ChoiceContent, ...]
    explanation: str = ""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class LessonContent:
    """A lesson; `body` is Markdown, `id` the lesson it is a new form of. One without an id is known by its slug, made from the title
    where none is given. A lesson that is there keeps its slug."""

    title: str
    kind: LessonKind = LessonKind.TEXT
    body: str = ""
    video_minutes: int = 0
    questions: tuple[QuestionContent, ...] = ()
    id: int | None = None
    slug: str | None = None

    @property
    def minutes(self) -> int:
        """How long the lesson takes."""
        return lesson_time(self.body, len(self.questions), self.video_minutes * 60).minutes


@dataclass(frozen=True, slots=True)
class ModuleContent:
    """A module with its lessons in order."""

    title: str
    lessons: tuple[LessonContent, ...] = ()


@dataclass(frozen=True, slots=True)
class CourseContent:
    """Everything there is to learn in a course, module by module."""

    modules: tuple[ModuleContent, ...] = ()

    @property
    def lessons(self) -> tuple[LessonContent, ...]:
        """Every lesson, in order."""
        return tuple(lesson for module in self.modules for lesson in module.lessons)

    def as_json(self) -> dict[str, Any]:
        """The content as a version stores it."""
        return asdict(self)

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> "CourseContent":
        """The content a version has stored."""
        return cls(tuple(_module(entry) for entry in stored.get("modules", ())))


def content_of(course_id: int) -> CourseContent:
    """What the course holds now; four statements."""
    modules = db.session.scalars(select(Module).where(Module.course_id == course_id).order_by(Module.position)).all()
    loading = selectinload(OfferedLesson.questions).selectinload(Question.choices)
    query = select(OfferedLesson).where(OfferedLesson.course_id == course_id).order_by(OfferedLesson.position)
    lessons = db.session.scalars(query.options(loading).execution_options(populate_existing=True)).all()
    return CourseContent(
        tuple(ModuleContent(module.title, tuple(_lesson_row(row) for row in lessons if row.module_id == module.id)) for module in modules)
    )


def _lesson_row(row: Lesson) -> LessonContent:
    return LessonContent(
        title=row.title,
        kind=row.kind,
        body=row.body,
        video_minutes=video_minutes(row.minutes, row.body, len(row.questions)) if row.kind == LessonKind.VIDEO else 0,
        questions=tuple(_question_row(question) for question in row.questions),
        id=row.id,
        slug=row.slug,
    )


def _question_row(row: Question) -> QuestionContent:
    return QuestionContent(row.text, tuple(_choice_row(choice) for choice in row.choices), row.explanation, row.id)


def _choice_row(row: Choice) -> ChoiceContent:
    return ChoiceContent(row.text, row.correct, row.id)


def _module(stored: Mapping[str, Any]) -> ModuleContent:
    return ModuleContent(stored["title"], tuple(_lesson(entry) for entry in stored["lessons"]))


def _lesson(stored: Mapping[str, Any]) -> LessonContent:
    questions = tuple(_question(entry) for entry in stored["questions"])
    return LessonContent(**{**stored, "kind": LessonKind(stored["kind"]), "questions": questions})


def _question(stored: Mapping[str, Any]) -> QuestionContent:
    return QuestionContent(**{**stored, "choices": tuple(ChoiceContent(**entry) for entry in stored["choices"])})
