"""Syllabus of a course with the progress of a learner, and single lessons."""

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import selectinload

from webapp.extensions import db
from webapp.models.enrollment import Enrollment, EnrollmentStatus, LessonProgress
from webapp.models.lesson import Lesson, LessonKind, Module, Question
from webapp.models.offered_lesson import OfferedLesson
from webapp.support.lesson_time import LessonTime, lesson_time


@dataclass(frozen=True, slots=True)
class LessonItem:
    """A lesson in the syllabus; `done` is about the learner it was read for."""

    id: int
    slug: str
    title: str
    kind: LessonKind
    minutes: int
    done: bool


@dataclass(frozen=True, slots=True)
class ModuleItem:
    """A module in the syllabus."""

    title: str
    lessons: tuple[LessonItem, ...]

    @property
    def minutes(self) -> int:
        """Time all of its lessons take."""
        return sum(lesson.minutes for lesson in self.lessons)

    @property
    def done(self) -> int:
        """How many of its lessons are done."""
        return sum(lesson.done for lesson in self.lessons)

    @property
    def has_all_lessons_done(self) -> bool:
        """Whether nothing is left of it."""
        return bool(self.lessons) and self.done == len(self.lessons)

    @property
    def has_quiz(self) -> bool:
        """Whether one of its lessons is a quiz."""
        return any(lesson.kind == LessonKind.QUIZ for lesson in self.lessons)


@dataclass(frozen=True, slots=True)
class Outline:
    """Syllabus of a course: its modules in order."""

    modules: tuple[ModuleItem, ...] = ()

    @property
    def lessons(self) -> tuple[LessonItem, ...]:
        """Every lesson, module by module."""
        return tuple(lesson for module in self.modules for lesson in module.lessons)

    @property
    def minutes(self) -> int:
        """Minutes of all lessons."""
        return sum(module.minutes for module in self.modules)

    @property
    def minutes_left(self) -> int:
        """Time the lessons take that are not done yet."""
        return sum(lesson.minutes for lesson in self.lessons if not lesson.done)

    @property
    def done(self) -> int:
        """How many lessons are done."""
        return sum(module.done for module in self.modules)

    @property
    def percent(self) -> int:
        """Share of lessons done; 100 only when all are."""
        return self.done * 100 // len(self.lessons) if self.lessons else 0

    @property
    def next_lesson(self) -> LessonItem | None:
        """The first lesson that is not done."""
        return next((lesson for lesson in self.lessons if not lesson.done), None)

    def next_open_lesson_after(self, slug: str) -> LessonItem | None:
        """The lesson to go on with: the next one not done, from the start again when there is none behind it."""
        place = self.lesson_number(slug) or 0
        return next((lesson for lesson in (*self.lessons[place:], *self.lessons[: max(0, place - 1)]) if not lesson.done), None)

    def lesson_number(self, slug: str) -> int | None:
        """The lesson's number, counted from 1."""
        return next((n for n, lesson in enumerate(self.lessons, start=1) if lesson.slug == slug), None)


def outline(course_id: int, user_id: int | None = None) -> Outline:
    """The syllabus of a course with what the learner has done of it; one statement."""
    lesson, mine = OfferedLesson, and_(LessonProgress.lesson_id == OfferedLesson.id, LessonProgress.user_id == user_id)
    rows = db.session.execute(
        select(Module.id, Module.title, lesson.id, lesson.slug, lesson.title, lesson.kind, lesson.minutes, LessonProgress.id)
        .join(lesson, lesson.module_id == Module.id)
        .outerjoin(LessonProgress, mine)
        .where(Module.course_id == course_id)
        .order_by(Module.position, lesson.position)
    )
    titles: dict[int, str] = {}
    lessons: dict[int, list[LessonItem]] = {}
    for module_id, module_title, lesson_id, slug, title, kind, minutes, progress in rows:
        titles[module_id] = module_title
        lessons.setdefault(module_id, []).append(LessonItem(lesson_id, slug, title, kind, minutes, progress is not None))
    return Outline(tuple(ModuleItem(titles[module_id], tuple(own)) for module_id, own in lessons.items()))


def enrollment_of(user_id: int, course_id: int) -> Enrollment | None:
    """The learner's enrollment in a course, whatever its status."""
    query = select(Enrollment).where(Enrollment.user_id == user_id, Enrollment.course_id == course_id)
    return db.session.scalar(query.execution_options(populate_existing=True))


def is_taking(enrollment: Enrollment | None) -> bool:
    """Whether lessons are open to the learner: while the course is under way and after it."""
    return enrollment is not None and enrollment.status != EnrollmentStatus.DROPPED


def lesson_of(course_id: int, slug: str) -> Lesson | None:
    """A lesson with its questions and choices; at most three statements."""
    loading = selectinload(OfferedLesson.questions).selectinload(Question.choices)
    query = select(OfferedLesson).where(OfferedLesson.course_id == course_id, OfferedLesson.slug == slug)
    return db.session.scalar(query.options(loading))


def is_removed_lesson(course_id: int, slug: str) -> bool:
    """Whether the course had a lesson of this address and has it no more."""
    query = select(Lesson.id).where(Lesson.course_id == course_id, Lesson.slug == slug, Lesson.removed_at.is_not(None))
    return db.session.scalar(query) is not None


def time_breakdown_of_one_lesson(lesson: Lesson) -> LessonTime:
    """What the minutes of a lesson are spent on; those of a video that nothing else takes are watching.

    Minutes somebody else has stated, which text, questions and practice do not add up to, stay without parts.
    """
    time = lesson_time(lesson.body, len(lesson.questions))
    if lesson.kind == LessonKind.VIDEO:
        time = time.with_remainder_as_video(lesson.minutes)
    return time if time.minutes == lesson.minutes else LessonTime()
