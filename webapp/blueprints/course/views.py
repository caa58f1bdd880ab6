"""`/courses/<slug>`: the page of a course, enrolling and leaving."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.blueprints.course.click_origin import origin_of
from webapp.policies import Permission, Person
from webapp.policies.courses import can_edit_course, can_see_course, can_take_course
from webapp.queries.course_page import CoursePage, course_page
from webapp.recommender.serving.finish_forecast import chance_to_finish
from webapp.recommender.serving.slates import similar_courses
from webapp.services import enrollments
from webapp.services.errors import NotFound
from webapp.services.events import record_view
from webapp.support.messages import gettext
from webapp.web.endpoint_write_markers import writes
from webapp.web.foreign_text import interpolate_foreign_names
from webapp.web.guards import current_actor, requires, signed_in_actor
from webapp.web.service_refusals import accepts
from webapp.web.shelves import card_shelves
from webapp.web.visit import current_visit, remember_opened_course
from webapp.wording.finish_chance import FinishChance, finish_chance

bp = Blueprint("course", __name__)


@bp.get("/courses/<slug>")
@writes
def show(slug: str) -> ResponseReturnValue:
    """The page of a course; opening it is written to the event log, as a click when a card led here, and for visitors kept in their
    cookie."""
    actor = current_actor()
    page = _visible_course_page(slug, actor)
    user_id = actor.user_id if actor else None
    origin = origin_of(request.args)
    shelves = similar_courses(page.course.id, user_id, current_visit())
    if request.method == "GET" and can_see_course(actor, page.course):
        record_view(actor, page.course.id, origin.slate_id, origin.position)
        remember_opened_course(page.course.id)
    return render_template(
        "course/show.html",
        page=page,
        chance=_finish_chance(actor, page),
        course=page.course,
        similar=card_shelves(shelves, user_id),
        origin=origin,
        may_take=actor is None or can_take_course(actor, page.course),
        may_edit=actor is not None and can_edit_course(actor, page.course),
    )


@bp.post("/courses/<slug>/enroll")
@requires(Permission.LEARN_COURSE)
def enroll(slug: str) -> ResponseReturnValue:
    """Enroll, then show the course with its first lesson one click away."""
    origin = origin_of(request.form)
    change = enrollments.enroll(signed_in_actor(), slug, slate_id=origin.slate_id, position=origin.position)
    if change.changed:
        flash(
            interpolate_foreign_names(gettext("You are enrolled in %(course)s. Begin whenever you like."), course=change.course.title),
            "success",
        )
    else:
        flash(gettext("You are enrolled already."), "info")
    return redirect(url_for("course.show", slug=slug))


@bp.route("/courses/<slug>/unenroll", methods=["GET", "POST"])
@requires(Permission.LEARN_COURSE)
def unenroll(slug: str) -> ResponseReturnValue:
    """Leave a course, after a page that asks."""
    actor = signed_in_actor()
    here = url_for("course.show", slug=slug)
    if request.method == "POST":
        with accepts() as accepted:
            change = enrollments.unenroll(actor, slug)
        if not accepted:
            return redirect(here)
        flash(
            interpolate_foreign_names(_left_message(change, can_take_course(actor, change.course)), course=change.course.title),
            "success" if change.changed else "info",
        )
        # A course that is withdrawn has no page for those who left it.
        return redirect(here if can_see_course(actor, change.course) else url_for("my.index"))
    page = _visible_course_page(slug, actor)
    if not page.is_enrolled_or_finished or page.finished:
        return redirect(here)
    return render_template("course/unenroll.html", page=page, course=page.course, may_return=can_take_course(actor, page.course))


def _left_message(change: enrollments.EnrollmentChange, may_return: bool) -> str:
    """What was done, and whether there is a way back."""
    if not change.changed:
        return gettext("You do not take %(course)s.")  # never did, or another tab was quicker
    if may_return:
        return gettext("You have left %(course)s. Your progress is kept; enroll again to go on.")
    return gettext("You have left %(course)s. Your progress is kept; you can enroll again if the course is offered again.")


def _finish_chance(actor: Person | None, page: CoursePage) -> FinishChance | None:
    """The chance to finish, for those who may take the course and have not finished it."""
    if actor is None or page.finished or not (page.is_enrolled_or_finished or can_take_course(actor, page.course)):
        return None
    forecast = chance_to_finish(
        actor.user_id,
        page.course.id,
        taking=page.is_enrolled_or_finished,
        weekly_minutes=page.aim.weekly_minutes,
        level=page.aim.level,
        prerequisites=len(page.prerequisites),
        lacking=sum(not item.held for item in page.prerequisites),
    )
    return finish_chance(forecast) if forecast else None


def _visible_course_page(slug: str, actor: Person | None) -> CoursePage:
    """The page when the reader may see it: by policy, or because they take the course and it has been withdrawn since."""
    page = course_page(slug, actor.user_id if actor else None)
    if page is None or not (can_see_course(actor, page.course) or page.is_enrolled_or_finished):
        raise NotFound(gettext("There is no such course."))
    return page
