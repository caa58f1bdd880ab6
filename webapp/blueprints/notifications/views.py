"""`/notifications`: what somebody has been told, newest first. Opening one is a POST, because it marks it as read."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.models import NotificationKind
from webapp.policies import Permission, Person
from webapp.queries.cards import cards_for
from webapp.queries.notifications import NotificationItem, notification_count, notifications_of
from webapp.services import notifications
from webapp.support.text import plural
from webapp.web.guards import requires, signed_in_actor
from webapp.web.paging import page_of, page_urls
from webapp.web.redirects import next_or

bp = Blueprint("notifications", __name__, url_prefix="/notifications")

_PAGE = 20
_OF_MODELS = frozenset({NotificationKind.MODEL_HELD_BACK, NotificationKind.WORSE_MODEL_SERVES})


@bp.get("")
@requires(Permission.READ_NOTIFICATIONS)
def index() -> ResponseReturnValue:
    """The list."""
    actor = signed_in_actor()
    page = page_of(notification_count(actor.user_id), _PAGE)
    items = notifications_of(actor.user_id, page.size, page.offset)
    cards = cards_for([item.course_id for item in items if item.course_id is not None])
    return render_template(
        "notifications/index.html",
        items=items,
        cards={card.id: card for card in cards},
        leads_somewhere={item.id for item in items if _address(item, actor)},
        page=page,
        page_url=page_urls(),
        may_create=actor.may(Permission.SEE_STUDIO),
        may_train=actor.may(Permission.TRAIN_MODEL),
    )


@bp.post("/<int:notification_id>", endpoint="open")
@requires(Permission.READ_NOTIFICATIONS)
def open_one(notification_id: int) -> ResponseReturnValue:
    """Mark it as read and go where it leads, or back to the list."""
    actor = signed_in_actor()
    item = notifications.read_notification(actor, notification_id)
    return redirect(_address(item, actor) or next_or(url_for("notifications.index")))


@bp.post("/read")
@requires(Permission.READ_NOTIFICATIONS)
def read_all() -> ResponseReturnValue:
    """Mark everything as read."""
    count = notifications.read_all(signed_in_actor())
    flash(f"{plural(count, 'notification')} marked as read." if count else "Everything is read already.", "success")
    return redirect(url_for("notifications.index"))


def _address(item: NotificationItem, actor: Person) -> str | None:
    """Where it leads; None for a course that has been taken back, and for areas the reader may no longer enter."""
    if item.kind is NotificationKind.NEW_COURSE:
        return url_for("course.show", slug=item.course_slug) if item.course_offered else None
    if item.kind is NotificationKind.FIRST_LEARNER:
        return url_for("studio.index") if actor.may(Permission.SEE_STUDIO) else None
    if not actor.may(Permission.SEE_ADMIN):
        return None
    return url_for("admin.index") if item.kind in _OF_MODELS else url_for("admin.jobs")
