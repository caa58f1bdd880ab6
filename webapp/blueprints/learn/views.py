"""`/courses/<slug>/learn`: the lessons of a course one by one, and the page after the last one."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from webapp.blueprints.learn.forms import answers_of, field_name, quiz_form
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.lesson import Lesson
from webapp.policies import Permission, Person
from webapp.policies.courses import can_see_course
from webapp.queries.cards import cards_for
from webapp.queries.course_page import course_by_slug, skills_of_course
from webapp.queries.syllabus import (
    Outline,
    enrollment_of,
    is_removed_lesson,
    is_taking,
    lesson_of,
    outline,
    time_breakdown_of_one_lesson,
)
from webapp.recommender.serving.slates import similar_courses
from webapp.services import enrollments
from webapp.services.enrollments import PASS_PERCENT, QuizResult
from webapp.services.errors import NotFound
from webapp.support.lesson_time import split_text_and_practice
from webapp.support.messages import gettext
from webapp.web.endpoint_write_markers import writes
from webapp.web.fragments import fragment, vary_on_htmx, wants_fragment
from webapp.web.guards import requires, signed_in_actor
from webapp.web.service_refusals import accepts
from webapp.web.shelves import card_shelves
from webapp.web.visit import current_visit

bp = Blueprint("learn", __name__)


@dataclass(frozen=True, slots=True)
class EnrolledCourse:
    """A course the reader takes, and how far they are."""

    actor: Person
    course: Course
    enrollment: Enrollment
    outline: Outline


class NotEnrolledError(Exception):
    """The reader may see the course and does not take it."""


class RemovedLessonError(Exception):
    """The lesson was taken out of the course."""


@bp.errorhandler(NotEnrolledError)
def send_to_course(_error: NotEnrolledError) -> ResponseReturnValue:
    """The redirect from a lesson to the course's page for those who are not enrolled: the button for it is there."""
    flash(gettext("Enroll first: lessons open for those who take the course."), "info")
    return redirect(url_for("course.show", slug=(request.view_args or {})["slug"]))


@bp.errorhandler(RemovedLessonError)
def redirect_removed_lesson(_error: RemovedLessonError) -> ResponseReturnValue:
    """The redirect from a lesson that was removed: whoever has kept its address goes on with the course."""
    flash(gettext("That lesson is no longer part of the course. What you have done stays done."), "info")
    return redirect(url_for("learn.index", slug=(request.view_args or {})["slug"]))


@bp.get("/courses/<slug>/learn")
@requires(Permission.LEARN_COURSE)
def index(slug: str) -> ResponseReturnValue:
    """Go on where the reader stopped: at the first lesson that is not done."""
    enrolled = _enrolled_course(slug)
    lessons = enrolled.outline.lessons
    if not lessons:
        return redirect(url_for("course.show", slug=slug))
    if enrolled.enrollment.status == EnrollmentStatus.COMPLETED and enrolled.outline.next_lesson is None:
        return redirect(url_for("learn.finished", slug=slug))
    return redirect(url_for("learn.lesson", slug=slug, lesson=(enrolled.outline.next_lesson or lessons[0]).slug))


@bp.get("/courses/<slug>/learn/<lesson>")
@requires(Permission.LEARN_COURSE)
def lesson(slug: str, lesson: str) -> ResponseReturnValue:
    """The page of a lesson."""
    enrolled = _enrolled_course(slug)
    shown = _lesson(enrolled, lesson)
    return _lesson_page(enrolled, shown, quiz_form(shown.questions))


@bp.post("/courses/<slug>/learn/<lesson>/complete")
@requires(Permission.LEARN_COURSE)
def complete(slug: str, lesson: str) -> ResponseReturnValue:
    """Mark a lesson as done and go on to the next one."""
    enrolled = _enrolled_course(slug)
    if enrolled.outline.lesson_number(lesson) is None and is_removed_lesson(enrolled.course.id, lesson):
        raise RemovedLessonError
    with accepts() as accepted:
        done = enrollments.complete_lesson(enrolled.actor, slug, lesson)
    if not accepted:
        return redirect(url_for("learn.lesson", slug=slug, lesson=lesson))
    following = enrolled.outline.next_open_lesson_after(lesson)
    if done.finished_now or following is None:
        return redirect(url_for("learn.finished", slug=slug))
    return redirect(url_for("learn.lesson", slug=slug, lesson=following.slug))


@bp.route("/courses/<slug>/learn/<lesson>/answer", methods=["GET", "POST"])
@requires(Permission.LEARN_COURSE)
def answer(slug: str, lesson: str) -> ResponseReturnValue:
    """Check a quiz; the page comes back with the choices, which of them were right, and why. Opened
    again, as a browser does that brings back its tabs, it is the lesson."""
    if request.method == "GET":
        return redirect(url_for("learn.lesson", slug=slug, lesson=lesson))
    enrolled = _enrolled_course(slug)
    quiz = _lesson(enrolled, lesson)
    form = quiz_form(quiz.questions)
    result = None
    if form.validate_on_submit():
        result = enrollments.answer_quiz(enrolled.actor, slug, lesson, answers_of(form, quiz.questions))
        enrolled = _enrolled_course(slug)  # the answer may have ended the lesson
    return _lesson_page(enrolled, quiz, form, result)


@bp.post("/courses/<slug>/finish")
@requires(Permission.LEARN_COURSE)
def finish(slug: str) -> ResponseReturnValue:
    """A course that is taken elsewhere is finished on the learner's word."""
    with accepts() as accepted:
        enrollments.finish_course(signed_in_actor(), slug)
    if not accepted:
        return redirect(url_for("course.show", slug=slug))
    return redirect(url_for("learn.finished", slug=slug))


@bp.get("/courses/<slug>/finished")
@writes
@requires(Permission.LEARN_COURSE)
def finished(slug: str) -> ResponseReturnValue:
    """The page after the last lesson: what the course gave, and what follows from it."""
    enrolled = _enrolled_course(slug)
    if enrolled.enrollment.status != EnrollmentStatus.COMPLETED:
        return redirect(url_for("learn.index", slug=slug))
    user_id = enrolled.actor.user_id
    shelves = similar_courses(enrolled.course.id, user_id, current_visit())
    return render_template(
        "learn/finished.html",
        enrolled=enrolled,
        course=enrolled.course,
        card=cards_for([enrolled.course.id], user_id)[0],
        skills=skills_of_course(enrolled.course.id),
        similar=card_shelves(shelves, user_id),
    )


def _enrolled_course(slug: str) -> EnrolledCourse:
    """The course, taken by the reader. Raises NotFound and NotEnrolledError."""
    actor = signed_in_actor()
    course = course_by_slug(slug)
    enrollment = enrollment_of(actor.user_id, course.id) if course else None
    if course is None or not (is_taking(enrollment) or can_see_course(actor, course)):
        raise NotFound(gettext("There is no such course."))
    if enrollment is None or not is_taking(enrollment):
        raise NotEnrolledError
    return EnrolledCourse(actor, course, enrollment, outline(course.id, actor.user_id))


def _lesson(enrolled: EnrolledCourse, slug: str) -> Lesson:
    """A lesson of the course. Raises NotFound and RemovedLessonError."""
    lesson = lesson_of(enrolled.course.id, slug)
    if lesson is None or enrolled.outline.lesson_number(slug) is None:
        raise RemovedLessonError if is_removed_lesson(enrolled.course.id, slug) else NotFound(gettext("The course has no such lesson."))
    return lesson


def _lesson_page(enrolled: EnrolledCourse, lesson: Lesson, form: FlaskForm, result: QuizResult | None = None) -> ResponseReturnValue:
    """The whole page, or for htmx the quiz alone."""
    lessons = enrolled.outline.lessons
    number = enrolled.outline.lesson_number(lesson.slug) or 1
    text, practice = split_text_and_practice(lesson.body)
    context = {
        "enrolled": enrolled,
        "course": enrolled.course,
        "lesson": lesson,
        "text": text,
        "practice": practice,
        "time": time_breakdown_of_one_lesson(lesson),
        "item": lessons[number - 1],
        "number": number,
        "previous": lessons[number - 2] if number > 1 else None,
        "following": lessons[number] if number < len(lessons) else None,
        "next_open": enrolled.outline.next_open_lesson_after(lesson.slug),
        "form": form,
        "field_name": field_name,
        "result": result,
        "pass_percent": PASS_PERCENT,
    }
    if wants_fragment() and request.method == "POST":
        return fragment("learn/_quiz_answer.html", **context)
    return vary_on_htmx(render_template("learn/lesson.html", **context))
