"""What of a page was seen: told by the page's script now and then, and as it goes away."""

from flask import Response, request
from flask.typing import ResponseReturnValue

from webapp.blueprints.course.views import bp
from webapp.models.slate import LARGEST_SLATE_ID
from webapp.policies import Permission
from webapp.services.errors import Invalid
from webapp.services.events import MAX_POSITION
from webapp.services.impressions import MAX_PLACES, Place, mark_seen
from webapp.support.messages import gettext
from webapp.web.endpoint_write_markers import allow_asynchronous_commit
from webapp.web.guards import requires, signed_in_actor


@bp.post("/impressions")
@allow_asynchronous_commit
@requires(Permission.GIVE_FEEDBACK)
def impressions() -> ResponseReturnValue:
    """Take places that were seen, each as `slate:position` in a field `seen`; no answer is needed."""
    mark_seen(signed_in_actor(), [_place(text) for text in request.form.getlist("seen")[: MAX_PLACES + 1]])
    return Response(status=204)


def _place(text: str) -> Place:
    slate_id, _, position = text.partition(":")
    if not (slate_id.isascii() and slate_id.isdigit() and position.isascii() and position.isdigit() and len(text) <= 24):
        raise Invalid(gettext("A place is a slate and a position, as 12:3."), "seen")
    if int(slate_id) > LARGEST_SLATE_ID or not 1 <= int(position) <= MAX_POSITION:
        raise Invalid(gettext("There is no such place."), "seen")
    return int(slate_id), int(position)
