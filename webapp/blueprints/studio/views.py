"""`/studio`: a creator's courses with their counts."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.policies import Permission
from webapp.queries.studio import SORTS, studio_rows, studio_totals
from webapp.services.courses import publish_course, unpublish_course
from webapp.web.guards import requires, signed_in_actor
from webapp.web.paging import page_of, page_urls
from webapp.web.redirects import next_or

bp = Blueprint("studio", __name__, url_prefix="/studio")


@bp.get("")
@requires(Permission.SEE_STUDIO)
def index() -> ResponseReturnValue:
    """The list; administrators may switch to everybody's courses."""
    actor = signed_in_actor()
    everyone = actor.may(Permission.SEE_ADMIN) and request.args.get("all") == "1"
    creator_id = None if everyone else actor.user_id
    totals = studio_totals(creator_id)
    page = page_of(totals.courses, 20)
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
    )


@bp.post("/<slug>/publish")
@requires(Permission.EDIT_COURSE)
def publish(slug: str) -> ResponseReturnValue:
    """Publish, then back to the list."""
    course = publish_course(signed_in_actor(), slug)
    flash(f"“{course.title}” is published. It can be found and recommended from now on.", "success")
    return redirect(next_or(url_for("studio.index")))


@bp.post("/<slug>/unpublish")
@requires(Permission.EDIT_COURSE)
def unpublish(slug: str) -> ResponseReturnValue:
    """Take back, then back to the list, where one click undoes it."""
    course = unpublish_course(signed_in_actor(), slug)
    flash(f"“{course.title}” is no longer shown. Publish it again in its row to undo that.", "success")
    return redirect(next_or(url_for("studio.index")))
