"""`/notifications`: a person's notifications, newest first. Opening one is a POST, because it marks it as read."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.policies import Permission
from webapp.queries.cards import cards_for
from webapp.queries.notifications import notification_count, notifications_of
from webapp.services import notifications
from webapp.support.messages import gettext, ngettext
from webapp.web.guards import requires, signed_in_actor
from webapp.web.page_addresses import page_address
from webapp.web.paging import page_url_builder, requested_pagination
from webapp.web.redirects import next_address_or
from webapp.wording.notifications import announced_kinds, notification_address, notification_words

bp = Blueprint("notifications", __name__, url_prefix="/notifications")

_PAGE = 20


@bp.get("")
@requires(Permission.READ_NOTIFICATIONS)
def index() -> ResponseReturnValue:
    """A page of notifications."""
    actor, here = signed_in_actor(), page_address("notifications.index")
    page = requested_pagination(notification_count(actor.user_id), here, _PAGE)
    items = notifications_of(actor.user_id, page.size, page.offset)
    cards = {card.id: card for card in cards_for([item.course_id for item in items if item.course_id is not None])}
    shown = ((item, cards.get(item.course_id) if item.course_id is not None else None) for item in items)
    return render_template(
        "notifications/index.html",
        entries=[(item, card, notification_words(item, card, actor)) for item, card in shown],
        page=page,
        page_url=page_url_builder(here),
        announced=announced_kinds(actor),
    )


@bp.post("/<int:notification_id>", endpoint="open")
@requires(Permission.READ_NOTIFICATIONS)
def open_one(notification_id: int) -> ResponseReturnValue:
    """Mark a notification as read and go where it leads, or back to the list."""
    actor = signed_in_actor()
    item = notifications.mark_notification_read(actor, notification_id)
    return redirect(notification_address(item, actor) or next_address_or(url_for("notifications.index")))


@bp.post("/read")
@requires(Permission.READ_NOTIFICATIONS)
def read_all() -> ResponseReturnValue:
    """Mark everything as read."""
    count = notifications.mark_all_read(signed_in_actor())
    words = ngettext("%(num)s notification marked as read.", "%(num)s notifications marked as read.", count)
    flash(words if count else gettext("Everything is read already."), "success")
    return redirect(url_for("notifications.index"))
