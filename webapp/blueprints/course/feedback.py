"""`/courses/<slug>/feedback`: the buttons of a card; a fragment for htmx, a redirect for everybody else."""

import re

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from webapp.blueprints.course.click_origin import Origin, origin_of
from webapp.blueprints.course.views import bp
from webapp.policies import Permission
from webapp.queries.cards import cards_for
from webapp.registries.events import EventKind
from webapp.services.feedback import FeedbackResult, give_feedback
from webapp.support.messages import gettext
from webapp.web.flash_buttons import flash_with_button
from webapp.web.foreign_text import foreign
from webapp.web.fragments import fragment, wants_fragment
from webapp.web.guards import requires, signed_in_actor
from webapp.web.redirects import next_address_or
from webapp.wording.shelves import stored_reason

_PLACEMENT = re.compile(r"[a-z0-9_-]{1,40}")


@bp.post("/courses/<slug>/feedback")
@requires(Permission.GIVE_FEEDBACK)
def feedback(slug: str) -> ResponseReturnValue:
    """Give feedback on a course."""
    origin = origin_of(request.form)
    kind = request.form.get("kind", "")
    result = give_feedback(signed_in_actor(), slug, kind, slate_id=origin.slate_id, position=origin.position)
    back = next_address_or(url_for("course.show", slug=slug))
    if wants_fragment():
        return _card(result, origin, back)
    _flash_result(result, back)
    return redirect(back)


def _card(result: FeedbackResult, origin: Origin, back: str) -> ResponseReturnValue:
    """The card as it stands now, or what stands in its place."""
    user_id = signed_in_actor().user_id
    placement = request.form.get("placement", "")
    card = cards_for([result.course_id], user_id)[0]
    if origin.slate_id:
        card = card.with_reason(stored_reason(origin.slate_id, card.id, user_id))
    dismissed = result.action is EventKind.DISMISS
    return fragment(
        "_partials/card_dismissed.html" if dismissed else "_partials/card.html",
        card=card,
        placement=placement if _PLACEMENT.fullmatch(placement) else "list",
        slate_id=origin.slate_id,
        position=origin.position,
        next_url=back,
        undo=result.undo,
    )


def _flash_result(result: FeedbackResult, back: str) -> None:
    """What happened, on the next page, with a button that takes it back: without the script there is no toast."""
    button = result.action.spec.button
    message = escape(gettext(button.done)).format(foreign(result.course_title)) if button else Markup("")
    if result.undo is None:
        flash(message, "success")
        return
    fields = {"kind": result.undo.value, "next": back}
    flash_with_button(message, gettext("Undo"), url_for("course.feedback", slug=result.course_slug), fields, icon="undo-2")
