"""Rows of a course's content, changed in place: what refers to a lesson or a question keeps referring to it."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.lesson import Choice, Lesson, Module, Question
from webapp.queries.course_content import ChoiceContent, CourseContent, QuestionContent
from webapp.services.errors import Invalid
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.support.slugs import UniqueSlugs

LONGEST_SLUG = 100

Row = TypeVar("Row", Question, Choice)


class ContentRows:
    """The rows of a course, those of lessons taken out of it included, matched with the content that is wanted.

    Raises Invalid for a lesson of another course; nothing is changed before `write`.
    """

    def __init__(self, course: Course, content: CourseContent) -> None:
        self._course, self._content = course, content
        loading = selectinload(Lesson.questions).selectinload(Question.choices)
        query = select(Lesson).where(Lesson.course_id == course.id).options(loading).execution_options(populate_existing=True)
        self._lessons = {row.id: row for row in db.session.scalars(query)}
        self._refuse_foreign_lessons()
        self._slugs = self._wanted_slugs()
        self._matched = self._match()

    def write(self) -> None:
        """Bring the rows to the content. Places are given up before they are given anew: two rows never hold one."""
        modules = self._write_modules()
        self._free_places()
        self._write_lessons([module for module, part in zip(modules, self._content.modules, strict=True) for _ in part.lessons])
        # Past the session: it would take the modules away from lessons it remembers in them.
        db.session.execute(delete(Module).where(Module.course_id == self._course.id, Module.position > len(modules)))
        self._course.duration_minutes = self._minutes()
        self._write_title_summary_outcomes()
        db.session.flush()

    def _write_title_summary_outcomes(self) -> None:
        """What the page says; its address stays. Content without a page leaves it as it is."""
        page = self._content.page
        if page is not None:
            self._course.title, self._course.summary, self._course.outcomes = page.title, page.summary, list(page.outcomes)

    def _refuse_foreign_lessons(self) -> None:
        for place, module in enumerate(self._content.modules):
            for number, lesson in enumerate(module.lessons):
                if lesson.id is not None and lesson.id not in self._lessons:
                    raise Invalid(gettext("The lesson is not part of the course."), f"modules.{place}.lessons.{number}.id")

    def _wanted_slugs(self) -> list[str]:
        """The slug of each wanted lesson. Where it has no id it may be that of a lesson in the course that nothing else is a new form
        of; the address of one that was taken out stays its own, and it comes back by its id alone."""
        free = {row.slug for row in self._unclaimed()}
        slugs = UniqueSlugs({row.slug for row in self._lessons.values()} - free, LONGEST_SLUG, "lesson")
        return [
            self._lessons[lesson.id].slug if lesson.id is not None else slugs.make(lesson.slug or lesson.title)
            for lesson in self._content.lessons
        ]

    def _match(self) -> list[Lesson | None]:
        """The row of each wanted lesson, None for a new one."""
        by_slug = {row.slug: row for row in self._unclaimed()}
        wanted = zip(self._content.lessons, self._slugs, strict=True)
        return [self._lessons[lesson.id] if lesson.id is not None else by_slug.get(slug) for lesson, slug in wanted]

    def _unclaimed(self) -> list[Lesson]:
        """Lessons in the course that no wanted one names by id."""
        named = {lesson.id for lesson in self._content.lessons}
        return [row for row in self._lessons.values() if row.removed_at is None and row.id not in named]

    def _write_modules(self) -> list[Module]:
        """A row for each wanted module, by position; those behind them go when they are empty."""
        rows = {row.position: row for row in db.session.scalars(select(Module).where(Module.course_id == self._course.id))}
        modules = []
        for position, part in enumerate(self._content.modules, 1):
            module = rows.get(position) or Module(course_id=self._course.id, position=position)
            module.title = part.title
            modules.append(module)
        db.session.add_all(modules)
        db.session.flush()
        return modules

    def _free_places(self) -> None:
        """A lesson that goes elsewhere gives up its place; one that is not wanted leaves the course."""
        places = {row.id: number for number, row in enumerate(self._matched, 1) if row is not None}
        moment = now()
        for row in self._lessons.values():
            if places.get(row.id) != row.position:
                row.position = None
            if row.id not in places:
                row.module_id, row.removed_at = None, row.removed_at or moment
        db.session.flush()

    def _write_lessons(self, modules: Sequence[Module]) -> None:
        wanted = zip(self._content.lessons, self._matched, self._slugs, modules, strict=True)
        for position, (lesson, matched, slug, module) in enumerate(wanted, 1):
            row = matched or Lesson(course_id=self._course.id, slug=slug, questions=[])
            row.module_id, row.position, row.removed_at = module.id, position, None
            row.title, row.kind, row.body, row.minutes = lesson.title, lesson.kind, lesson.body, lesson.minutes
            db.session.add(row)
            _write_questions(row, lesson.questions)
        db.session.flush()

    def _minutes(self) -> int | None:
        """The course's lessons together. One that never had any keeps what its source states."""
        if not self._content.lessons:
            return None if self._lessons else self._course.duration_minutes
        return sum(lesson.minutes for lesson in self._content.lessons)


def _write_questions(lesson: Lesson, wanted: Sequence[QuestionContent]) -> None:
    kept = _reconcile_rows(lesson.questions, wanted)
    for position, (content, row) in enumerate(zip(wanted, kept, strict=True), 1):
        question = row or Question(choices=[])
        question.position, question.text, question.explanation = position, content.text, content.explanation
        if row is None:
            lesson.questions.append(question)
        _write_choices(question, content.choices)


def _write_choices(question: Question, wanted: Sequence[ChoiceContent]) -> None:
    kept = _reconcile_rows(question.choices, wanted)
    for position, (content, row) in enumerate(zip(wanted, kept, strict=True), 1):
        choice = row or Choice()
        choice.position, choice.text, choice.correct = position, content.text, content.correct
        if row is None:
            question.choices.append(choice)


def _reconcile_rows(rows: list[Row], wanted: Sequence[QuestionContent] | Sequence[ChoiceContent]) -> list[Row | None]:
    """The row of each wanted one, None for a new one; rows that are not wanted are gone, and places that change are free.

    Rows are known by id, else by their text. An id that is not, or no longer, among them counts as none.
    """
    matched = _match_rows(rows, wanted)
    places = {row.id: position for position, row in enumerate(matched, 1) if row is not None}
    moves = [row for row in rows if row.id in places and row.position != places[row.id]]
    gone = [row for row in rows if row.id not in places]
    for row in gone:
        rows.remove(row)
    for number, row in enumerate(moves, 1):
        row.position = -number
    if moves or gone:
        db.session.flush()
    return matched


def _match_rows(rows: Sequence[Row], wanted: Sequence[QuestionContent] | Sequence[ChoiceContent]) -> list[Row | None]:
    by_id: dict[int | None, Row] = {row.id: row for row in rows}
    named = {content.id for content in wanted}
    by_text = {row.text: row for row in reversed(rows) if row.id not in named}
    return [by_id.get(content.id) or by_text.pop(content.text, None) for content in wanted]
