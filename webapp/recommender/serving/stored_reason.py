"""The sentence a card was served with, said again from the slate as it was stored."""

from typing import Any

from recsys.types import Reason, ReasonKind, Recommendation
from webapp.extensions import db
from webapp.models import Slate
from webapp.queries.cards import ReasonPart
from webapp.recommender.serving.history import learner_state
from webapp.recommender.serving.reasons import Speaker, names_for
from webapp.recommender.serving.serving_model import live_model
from webapp.recommender.serving.slates import PREFERRED

_KINDS = frozenset(kind.value for kind in ReasonKind)


def stored_reason(slate_id: str, course_id: int, user_id: int | None) -> tuple[ReasonPart, ...]:
    """Why the course stood on the slate; empty when the slate was another reader's or did not hold the course."""
    slate = db.session.get(Slate, slate_id)
    if slate is None or slate.user_id != user_id:
        return ()
    place: dict[str, Any] | None = next((item for item in slate.items if item["course_id"] == course_id), None)
    if place is None:
        return ()
    reasons = tuple(
        Reason(stored["source"], ReasonKind(stored["kind"]), stored["weight"], stored["evidence"])
        for stored in place["reasons"]
        if stored["kind"] in _KINDS
    )
    served = Recommendation(str(course_id), place["score"], reasons)
    serving = live_model().serving()
    page = slate.context_course_id
    names = names_for([served], [] if page is None else [page], serving.starts if serving else None)
    speaker = Speaker(names, learner_state(user_id), page)
    return speaker.sentence(served, PREFERRED.get(slate.placement))
