"""Content of a course as plain data: what its page says, and its modules, lessons and quiz questions, in order."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.lesson import Choice, Lesson, LessonKind, Module, Question
from webapp.models.offered_lesson import OfferedLesson
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
class CoursePage:
    """What the page of a course says in its author's words; `outcomes` are what a learner can do afterwards."""

    title: str
    summary: str = ""
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CourseContent:
    """What its authors write in a course: everything there is to learn, module by module, and its page. Without a `page` it says
    nothing of that, as versions do from before the page belonged to them."""

    modules: tuple[ModuleContent, ...] = ()
    page: CoursePage | None = None

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
        page = stored.get("page")
        return cls(
            tuple(_module(entry) for entry in stored.get("modules", ())),
            CoursePage(page["title"], page["summary"], tuple(page["outcomes"])) if page else None,
        )

    def is_same_as_version(self, stored: "CourseContent") -> bool:
        """Whether a version says the same as this content, as far as it says anything."""
        return self.modules == stored.modules and stored.page in (None, self.page)


def content_of(course_id: int) -> CourseContent:
    """What the course holds now; five statements."""
    modules = db.session.scalars(select(Module).where(Module.course_id == course_id).order_by(Module.position)).all()
    loading = selectinload(OfferedLesson.questions).selectinload(Question.choices)
    query = select(OfferedLesson).where(OfferedLesson.course_id == course_id).order_by(OfferedLesson.position)
    lessons = db.session.scalars(query.options(loading).execution_options(populate_existing=True)).all()
    return CourseContent(
        tuple(
            ModuleContent(module.title, tuple(_lesson_from_row(row) for row in lessons if row.module_id == module.id)) for module in modules
        ),
        _load_title_summary_outcomes(course_id),
    )


def _load_title_summary_outcomes(course_id: int) -> CoursePage | None:
    row = db.session.execute(select(Course.title, Course.summary, Course.outcomes).where(Course.id == course_id)).one_or_none()
    return None if row is None else CoursePage(row.title, row.summary, tuple(map(str, row.outcomes)))


def _lesson_from_row(row: Lesson) -> LessonContent:
    return LessonContent(
        title=row.title,
        kind=row.kind,
        body=row.body,
        video_minutes=video_minutes(row.minutes, row.body, len(row.questions)) if row.kind == LessonKind.VIDEO else 0,
        questions=tuple(_question_from_row(question) for question in row.questions),
        id=row.id,
        slug=row.slug,
    )


def _question_from_row(row: Question) -> QuestionContent:
    return QuestionContent(row.text, tuple(_choice_from_row(choice) for choice in row.choices), row.explanation, row.id)


def _choice_from_row(row: Choice) -> ChoiceContent:
    return ChoiceContent(row.text, row.correct, row.id)


def _module(stored: Mapping[str, Any]) -> ModuleContent:
    return ModuleContent(stored["title"], tuple(_lesson_from_json(entry) for entry in stored["lessons"]))


def _lesson_from_json(stored: Mapping[str, Any]) -> LessonContent:
    questions = tuple(_question(entry) for entry in stored["questions"])
    return LessonContent(**{**stored, "kind": LessonKind(stored["kind"]), "questions": questions})


def _question(stored: Mapping[str, Any]) -> QuestionContent:
    return QuestionContent(**{**stored, "choices": tuple(ChoiceContent(**entry) for entry in stored["choices"])})
