"""`/studio`: a creator's courses with their counts, publishing and unpublishing."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from webapp.models import Course, CourseStatus
from webapp.policies import Permission
from webapp.queries.studio import SORTS, studio_rows, studio_totals
from webapp.services.courses import course_to_edit, publish_course, unpublish_course
from webapp.web.guards import requires, signed_in_actor
from webapp.web.paging import page_of, page_urls
from webapp.web.redirects import next_or

bp = Blueprint("studio", __name__, url_prefix="/studio")

_PAGE = 20
_NOTICE = "studio_notice"


@bp.get("")
@requires(Permission.SEE_STUDIO)
def index() -> ResponseReturnValue:
    """The list; administrators may switch to everybody's courses."""
    actor = signed_in_actor()
    everyone = actor.may(Permission.SEE_ADMIN) and request.args.get("all") == "1"
    creator_id = None if everyone else actor.user_id
    totals = studio_totals(creator_id)
    page = page_of(totals.courses, _PAGE)
    sort = request.args.get("sort", "")
    sort = sort if sort in SORTS else "newest"
    return render_template(
        "studio/index.html",
        rows=studio_rows(creator_id, sort, page.size, page.offset),
        totals=totals,
        page=page,
        page_url=page_urls(),
        sort=sort,
        everyone=everyone,
        may_see_all=actor.may(Permission.SEE_ADMIN),
        notice=session.pop(_NOTICE, None),
    )


@bp.post("/<slug>/publish")
@requires(Permission.EDIT_COURSE)
def publish(slug: str) -> ResponseReturnValue:
    """Publish, then back to the list, where one click undoes it."""
    return _back(publish_course(signed_in_actor(), slug))


@bp.route("/<slug>/unpublish", methods=["GET", "POST"])
@requires(Permission.EDIT_COURSE)
def unpublish(slug: str) -> ResponseReturnValue:
    """Say what it means, then take the course back; the list offers to undo it."""
    actor = signed_in_actor()
    if request.method == "POST":
        return _back(unpublish_course(actor, slug))
    course = course_to_edit(actor, slug)
    if course.status != CourseStatus.PUBLISHED:
        return redirect(url_for("studio.index"))
    return render_template("studio/unpublish.html", course=course, back=next_or(url_for("studio.index")))


def _back(course: Course) -> ResponseReturnValue:
    notice: dict[str, Any] = {"slug": course.slug, "title": course.title, "published": course.status == CourseStatus.PUBLISHED}
    session[_NOTICE] = notice
    return redirect(next_or(url_for("studio.index")))
