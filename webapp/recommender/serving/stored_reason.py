"""Stored reasons: a recommendation read back from the slate it was served on, so that its card can be drawn once more."""

from typing import Any

from recsys.types import Reason, ReasonKind, Recommendation
from webapp.extensions import db
from webapp.models import Slate
from webapp.recommender.serving.history import learner_state
from webapp.recommender.serving.serving_model import live_model
from webapp.recommender.serving.shelves import Shelf
from webapp.recommender.serving.slates import ShelfPage, shelf_page

_KINDS = frozenset(kind.value for kind in ReasonKind)


def stored_recommendation(slate_id: str, course_id: int, user_id: int | None) -> ShelfPage | None:
    """A page with the one recommendation of the course on this slate; None when the slate was another reader's or did not hold it."""
    slate = db.session.get(Slate, slate_id)
    if slate is None or slate.user_id != user_id:
        return None
    place: dict[str, Any] | None = next((item for item in slate.items if item["course_id"] == course_id), None)
    if place is None:
        return None
    reasons = tuple(
        Reason(stored["source"], ReasonKind(stored["kind"]), stored["weight"], stored["evidence"])
        for stored in place["reasons"]
        if stored["kind"] in _KINDS
    )
    shelf = Shelf(slate.placement, (Recommendation(str(course_id), place["score"], reasons, place["propensity"]),), slate_id=slate_id)
    return shelf_page([shelf], learner_state(user_id), live_model().serving(), slate.context_course_id)
