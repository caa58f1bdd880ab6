"""`/studio`: a creator's courses with their counts, publishing and unpublishing."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from webapp.blueprints.studio.courses_table import CSV_COLUMNS, courses_table, rows_as_asked
from webapp.models.course import Course, CourseStatus
from webapp.policies import Permission
from webapp.queries.studio import studio_totals
from webapp.services.publishing import course_to_edit, publish_course, unpublish_course
from webapp.web.fragments import page_or_fragment, wants_fragment
from webapp.web.guards import requires, signed_in_actor
from webapp.web.page_addresses import PageAddress, page_address
from webapp.web.paging import page_url_builder, requested_pagination
from webapp.web.redirects import next_address_or
from webapp.web.tables import table_csv

bp = Blueprint("studio", __name__, url_prefix="/studio")

_PAGE = 20
_NOTICE = "studio_notice"


@bp.get("")
@requires(Permission.SEE_STUDIO)
def index() -> ResponseReturnValue:
    """The list; who may edit any course may switch to everybody's."""
    here = page_address("studio.index")
    creator_id = _whose(here)
    totals = studio_totals(creator_id)
    page = requested_pagination(totals.courses, here, _PAGE)
    return page_or_fragment(
        "studio/index.html",
        "courses",
        table=courses_table(creator_id, totals, page, here),
        totals=totals,
        page=page,
        page_url=page_url_builder(here),
        everyone=creator_id is None,
        may_see_all=signed_in_actor().may(Permission.EDIT_ANY_COURSE),
        notice=None if wants_fragment() else session.pop(_NOTICE, None),
    )


@bp.get("/courses.csv")
@requires(Permission.SEE_STUDIO)
def courses_csv() -> ResponseReturnValue:
    """The courses of the list, all pages of them, as a file."""
    here = page_address("studio.index")
    return table_csv("courses", CSV_COLUMNS, rows_as_asked(_whose(here), here))


@bp.post("/<slug>/publish")
@requires(Permission.EDIT_COURSE)
def publish(slug: str) -> ResponseReturnValue:
    """Publish, then back to the list, where one click undoes it."""
    return _redirect_with_notice(publish_course(signed_in_actor(), slug))


@bp.route("/<slug>/unpublish", methods=["GET", "POST"])
@requires(Permission.EDIT_COURSE)
def unpublish(slug: str) -> ResponseReturnValue:
    """Withdraw a course after saying what that means; the list offers to undo it."""
    actor = signed_in_actor()
    if request.method == "POST":
        return _redirect_with_notice(unpublish_course(actor, slug))
    course = course_to_edit(actor, slug)
    if course.status != CourseStatus.PUBLISHED:
        return redirect(url_for("studio.index"))
    return render_template("studio/unpublish.html", course=course, back=next_address_or(url_for("studio.index")))


def _whose(address: PageAddress) -> int | None:
    """Whose courses are asked for: one's own, or everybody's (None) of who may edit them."""
    actor = signed_in_actor()
    everyone = actor.may(Permission.EDIT_ANY_COURSE) and address.words.get("all") == "1"
    return None if everyone else actor.user_id


def _redirect_with_notice(course: Course) -> ResponseReturnValue:
    notice: dict[str, Any] = {"slug": course.slug, "title": course.title, "published": course.status == CourseStatus.PUBLISHED}
    session[_NOTICE] = notice
    return redirect(next_address_or(url_for("studio.index")))
