"""Enrollments and progress: enroll, leave, complete lessons, answer quizzes. Doing any of it twice is the same as doing it once."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import exists, func, select, update

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment, EnrollmentStatus, LessonProgress
from webapp.models.lesson import Choice, Lesson, LessonKind, Question
from webapp.models.offered_lesson import OfferedLesson
from webapp.policies import Permission, Person, require
from webapp.policies.courses import can_see_course, can_take_course
from webapp.queries.course_page import course_by_slug
from webapp.queries.syllabus import is_taking, lesson_of
from webapp.registries.events import EventKind
from webapp.services.errors import Conflict, Invalid, NotFound
from webapp.services.events import EventIn, record
from webapp.services.insert_on_conflict import insert_for
from webapp.services.notifications import tell_of_first_learner
from webapp.support.clock import now
from webapp.support.messages import gettext

PASS_PERCENT = 70


@dataclass(frozen=True, slots=True)
class EnrollmentChange:
    """What an action on an enrollment did; `changed` is False when it was so already."""

    course: Course
    changed: bool
    status: EnrollmentStatus


@dataclass(frozen=True, slots=True)
class Completion:
    """What a completed lesson brought: the share of the course that is done, and whether this lesson was the last one missing."""

    percent: int
    changed: bool
    finished_now: bool


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """Result of a question: an answer, checked."""

    question_id: int
    chosen: int
    right: int | None
    explanation: str

    @property
    def correct(self) -> bool:
        """Whether the right choice was made."""
        return self.chosen == self.right


@dataclass(frozen=True, slots=True)
class QuizResult:
    """A quiz, checked; `completion` says what passing did to the course, None when it was not passed."""

    answers: tuple[QuestionResult, ...]
    completion: Completion | None

    @property
    def right_count(self) -> int:
        """How many answers were right."""
        return sum(answer.correct for answer in self.answers)

    @property
    def passed(self) -> bool:
        """Whether enough of them were."""
        return self.completion is not None

    def result_for(self, question_id: int) -> QuestionResult | None:
        """The answer to one question."""
        return next((answer for answer in self.answers if answer.question_id == question_id), None)


def enroll(actor: Person, slug: str, *, slate_id: int | None = None, position: int | None = None) -> EnrollmentChange:
    """Enroll the actor; whoever had left goes on where they stopped. `slate_id` and `position` say which card led here.

    Raises Forbidden, NotFound, and Conflict when the course does not take learners.
    """
    user_id = _learner_id(actor)
    course = _course(slug)
    before = _lock_enrollment(user_id, course.id)
    if before is not None and is_taking(before):
        return EnrollmentChange(course, False, before.status)
    if not can_take_course(actor, course):
        raise (
            Conflict(gettext("This course does not take learners at the moment.")) if can_see_course(actor, course) else _course_not_found()
        )
    if not _try_to_enroll(user_id, course.id, before):
        return EnrollmentChange(course, False, EnrollmentStatus.ACTIVE)
    _add_to_counters(course.id, enrolled=1)
    record(actor, EventIn(EventKind.ENROLL, course.id, slate_id=slate_id, position=position))
    if before is None and _is_first_learner(course, user_id):
        tell_of_first_learner(course)
    return EnrollmentChange(course, True, EnrollmentStatus.ACTIVE)


def unenroll(actor: Person, slug: str) -> EnrollmentChange:
    """Let the actor leave a course; what they did in it is kept, should they come back.

    Raises Forbidden, NotFound, and Conflict for a course that is finished: that stays in the learner's record.
    """
    user_id = _learner_id(actor)
    course = _course(slug)
    enrollment = _lock_enrollment(user_id, course.id)
    if enrollment is None:
        if not can_see_course(actor, course):
            raise _course_not_found()
        return EnrollmentChange(course, False, EnrollmentStatus.DROPPED)
    if enrollment.status == EnrollmentStatus.COMPLETED:
        raise Conflict(gettext("You have finished this course, so there is nothing to leave. It stays in your record."))
    if enrollment.status == EnrollmentStatus.DROPPED:
        return EnrollmentChange(course, False, EnrollmentStatus.DROPPED)
    enrollment.status = EnrollmentStatus.DROPPED
    enrollment.last_active_at = now()
    db.session.flush()
    _add_to_counters(course.id, enrolled=-1)
    record(actor, EventIn(EventKind.DROP, course.id))
    return EnrollmentChange(course, True, EnrollmentStatus.DROPPED)


def complete_lesson(actor: Person, slug: str, lesson_slug: str) -> Completion:
    """Mark a lesson of a course the actor takes as done; the last one finishes the course.

    Raises Forbidden, NotFound, Conflict when the actor is not enrolled, and Invalid for a quiz, which is done by passing it.
    """
    enrollment, lesson = _enrollment_and_lesson(actor, slug, lesson_slug)
    if lesson.kind == LessonKind.QUIZ and lesson.questions and not _is_lesson_done(enrollment.user_id, lesson.id):
        raise Invalid(gettext("A quiz is done once it is passed: answer its questions."))
    return _complete(actor, enrollment, lesson)


def answer_quiz(actor: Person, slug: str, lesson_slug: str, answers: Mapping[int, int]) -> QuizResult:
    """Check the choices (question id to choice id) of a quiz; passing it marks the lesson as done. Try as often as you like.

    Raises Forbidden, NotFound, Conflict when the actor is not enrolled, and Invalid when an answer is missing or from another
    question.
    """
    enrollment, lesson = _enrollment_and_lesson(actor, slug, lesson_slug)
    if not lesson.questions:
        raise NotFound(gettext("This lesson has no questions."))
    checked = tuple(_grade_answer(question, answers.get(question.id)) for question in lesson.questions)
    passed = sum(answer.correct for answer in checked) * 100 >= PASS_PERCENT * len(checked)
    return QuizResult(checked, _complete(actor, enrollment, lesson) if passed else None)


def finish_course(actor: Person, slug: str) -> Completion:
    """Mark a course with no lesson left to do as finished on the learner's word: one that is taken elsewhere, or whose open lessons
    were taken out of it.

    Raises Forbidden, NotFound, Conflict when the actor is not enrolled, and Invalid when there are lessons to do.
    """
    user_id = _learner_id(actor)
    course = _course(slug)
    enrollment = _require_enrollment(actor, course, user_id)
    done = exists().where(LessonProgress.lesson_id == OfferedLesson.id, LessonProgress.user_id == user_id)
    if db.session.scalar(select(OfferedLesson.id).where(OfferedLesson.course_id == course.id, ~done).limit(1)) is not None:
        raise Invalid(gettext("This course is finished by its lessons."))
    return Completion(100, enrollment.status == EnrollmentStatus.ACTIVE, _finish(actor, enrollment))


def _learner_id(actor: Person) -> int:
    require(actor, Permission.LEARN_COURSE)
    return actor.user_id


def _course(slug: str) -> Course:
    course = course_by_slug(slug)
    if course is None:
        raise _course_not_found()
    return course


def _course_not_found() -> NotFound:
    return NotFound(gettext("There is no such course."))


def _lock_enrollment(user_id: int, course_id: int) -> Enrollment | None:
    """The enrollment as it stands now; a second request about it waits until this one is through."""
    query = select(Enrollment).where(Enrollment.user_id == user_id, Enrollment.course_id == course_id)
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _try_to_enroll(user_id: int, course_id: int, before: Enrollment | None) -> bool:
    """Whether this call, and not another one at the same time, made the enrollment."""
    if before is not None:
        before.status = EnrollmentStatus.ACTIVE
        before.last_active_at = now()
        db.session.flush()
        return True
    moment = now()
    row = {"user_id": user_id, "course_id": course_id, "status": EnrollmentStatus.ACTIVE, "percent": 0}
    insert = insert_for(Enrollment).values(**row, enrolled_at=moment, last_active_at=moment)
    insert = insert.on_conflict_do_nothing(index_elements=["user_id", "course_id"]).returning(Enrollment.id)
    return db.session.scalar(insert) is not None


def _is_first_learner(course: Course, user_id: int) -> bool:
    """Whether nobody else has ever enrolled; creators who look at their own course are no learners of it."""
    if course.creator_id is None or course.creator_id == user_id:
        return False
    others = select(Enrollment.id).where(Enrollment.course_id == course.id, Enrollment.user_id.not_in((user_id, course.creator_id)))
    return db.session.scalar(others.limit(1)) is None


def _require_enrollment(actor: Person, course: Course, user_id: int) -> Enrollment:
    enrollment = _lock_enrollment(user_id, course.id)
    if enrollment is not None and is_taking(enrollment):
        return enrollment
    raise Conflict(gettext("Enroll in the course first.")) if can_see_course(actor, course) else _course_not_found()


def _enrollment_and_lesson(actor: Person, slug: str, lesson_slug: str) -> tuple[Enrollment, Lesson]:
    user_id = _learner_id(actor)
    course = _course(slug)
    enrollment = _require_enrollment(actor, course, user_id)
    lesson = lesson_of(course.id, lesson_slug)
    if lesson is None:
        raise NotFound(gettext("The course has no such lesson."))
    return enrollment, lesson


def _is_lesson_done(user_id: int, lesson_id: int) -> bool:
    query = select(LessonProgress.id).where(LessonProgress.user_id == user_id, LessonProgress.lesson_id == lesson_id)
    return db.session.scalar(query) is not None


def _complete(actor: Person, enrollment: Enrollment, lesson: Lesson) -> Completion:
    row = {"user_id": enrollment.user_id, "lesson_id": lesson.id, "completed_at": now()}
    insert = insert_for(LessonProgress).values(row).on_conflict_do_nothing(index_elements=["user_id", "lesson_id"])
    changed = db.session.scalar(insert.returning(LessonProgress.id)) is not None
    enrollment.last_active_at = now()
    percent = _percent(enrollment)
    if enrollment.status == EnrollmentStatus.ACTIVE:  # a finished course stays finished when lessons are added to it
        enrollment.percent = max(enrollment.percent, percent)  # an import may know of more than the lessons here
    db.session.flush()
    if changed:
        record(actor, EventIn(EventKind.PROGRESS, enrollment.course_id, lesson_id=lesson.id, value=enrollment.percent))
    finished_now = percent == 100 and _finish(actor, enrollment)
    return Completion(enrollment.percent, changed, finished_now)


def _percent(enrollment: Enrollment) -> int:
    total = db.session.scalar(select(func.count(OfferedLesson.id)).where(OfferedLesson.course_id == enrollment.course_id)) or 0
    mine = (
        select(func.count())
        .select_from(LessonProgress)
        .join(OfferedLesson, OfferedLesson.id == LessonProgress.lesson_id)
        .where(OfferedLesson.course_id == enrollment.course_id, LessonProgress.user_id == enrollment.user_id)
    )
    return (db.session.scalar(mine) or 0) * 100 // total if total else 0


def _finish(actor: Person, enrollment: Enrollment) -> bool:
    """Whether the course became finished by this."""
    if enrollment.status != EnrollmentStatus.ACTIVE:
        return False
    enrollment.status = EnrollmentStatus.COMPLETED
    enrollment.percent = 100
    enrollment.completed_at = enrollment.last_active_at = now()
    db.session.flush()
    _add_to_counters(enrollment.course_id, completed=1)
    record(actor, EventIn(EventKind.COMPLETE, enrollment.course_id))
    return True


def _add_to_counters(course_id: int, enrolled: int = 0, completed: int = 0) -> None:
    """Move the counters of a course. That is no edit of the course: its time of change stays."""
    values = {
        "enrollment_count": Course.enrollment_count + enrolled,
        "completion_count": Course.completion_count + completed,
        "updated_at": Course.updated_at,
    }
    db.session.execute(update(Course).where(Course.id == course_id).values(values).execution_options(synchronize_session=False))


def _grade_answer(question: Question, chosen: int | None) -> QuestionResult:
    choices: dict[int, Choice] = {choice.id: choice for choice in question.choices}
    if chosen is None or chosen not in choices:
        raise Invalid(gettext("Choose an answer to “%(question)s”.", question=question.text), str(question.id))
    right = next((choice.id for choice in question.choices if choice.correct), None)
    return QuestionResult(question.id, chosen, right, question.explanation)
