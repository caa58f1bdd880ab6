"""Stored reasons: a recommendation read back from the slate it was served on, so that its card can be drawn once more."""

from sqlalchemy import select

from recsys.types import Reason, ReasonKind, Recommendation
from webapp.extensions import db
from webapp.models.slate import Impression, Slate
from webapp.recommender.serving.learner_state import learner_state
from webapp.recommender.serving.serving_model import live_model
from webapp.recommender.serving.shelves import Shelf
from webapp.recommender.serving.slates import ShelfPage, shelf_page_with_recent_starts

_KINDS = frozenset(kind.value for kind in ReasonKind)


def load_single_recommendation_page(slate_id: int, course_id: int, user_id: int | None) -> ShelfPage | None:
    """A page with the one recommendation of the course on this slate; None when the slate was another reader's or did not hold it."""
    row = db.session.execute(
        select(Slate, Impression)
        .join(Impression, Impression.slate_id == Slate.id)
        .where(Slate.id == slate_id, Slate.user_id.is_not_distinct_from(user_id), Impression.course_id == course_id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    slate, impression = row
    score, parts = (slate.detail or [])[impression.position - 1] if len(slate.detail or []) >= impression.position else (0.0, [])
    reasons = tuple(Reason(source, ReasonKind(kind), weight, evidence) for source, kind, weight, evidence, *_ in parts if kind in _KINDS)
    shelf = Shelf(slate.placement, (Recommendation(str(course_id), score, reasons, impression.propensity),), slate_id=slate_id)
    return shelf_page_with_recent_starts([shelf], learner_state(user_id), live_model().serving(), slate.context_course_id)
