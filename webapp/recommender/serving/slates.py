"""Slates: the shelves of a page as the recommender composes them, each stored as it was served. Words join them in `wording`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert

from recsys.types import ReasonKind, Recommendation
from webapp.extensions import db
from webapp.models.slate import REST, Impression, Slate
from webapp.recommender.serving.decision import choose_policy_and_model
from webapp.recommender.serving.learner_state import VISITOR, LearnerState, learner_state
from webapp.recommender.serving.popularity_fallback import recent_starts
from webapp.recommender.serving.serving_model import Serving, live_model
from webapp.recommender.serving.shelves import Shelf, shelves_by_popularity, shelves_with_model, similar_shelf
from webapp.recommender.serving.visit import UNKNOWN, Visit
from webapp.support.clock import now
from webapp.transactions import defer_write, drops_optional_writes

_STORED_REASONS = 6
_SIMILAR = 6


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """The shelves of one page with what sentences about them need: the reader, the course whose page it is (None: no course's), and
    how many learners lately started each course that is there because it trends."""

    shelves: tuple[Shelf, ...] = ()
    reader: LearnerState = VISITOR
    course_id: int | None = None
    recent_starts: Mapping[int, int] = field(default_factory=dict)


def home_shelves(user_id: int | None, visit: Visit = UNKNOWN, *, record: bool = True) -> ShelfPage:
    """The shelves of a home page, None for a visitor's; no course twice, no shelf empty. `visit` is what the request tells.

    With `record`, each is stored as shown to the learner; an administrator who looks at somebody's home passes False.
    """
    reader = learner_state(user_id, visit)
    serving = live_model().serving()
    shelves = shelves_with_model(serving, user_id, reader) if serving else []
    if not shelves:
        serving, shelves = None, shelves_by_popularity(reader)
    if record:
        _store(shelves, user_id, serving)
    return shelf_page_with_recent_starts(shelves, reader, serving)


def similar_courses(course_id: int, user_id: int | None, visit: Visit = UNKNOWN, *, record: bool = True, k: int = _SIMILAR) -> ShelfPage:
    """The shelf of courses close to one, for its page; a page without shelves when there are none."""
    reader = learner_state(user_id, visit)
    serving = live_model().serving()
    shelf = similar_shelf(serving, course_id, reader, k)
    if not shelf.recommendations:
        return ShelfPage()
    if record:
        _store([shelf], user_id, serving, course_id)
    return shelf_page_with_recent_starts([shelf], reader, serving, course_id)


def shelf_page_with_recent_starts(
    shelves: Sequence[Shelf], reader: LearnerState, serving: Serving | None, course_id: int | None = None
) -> ShelfPage:
    """Put shelves together with what their sentences need; one statement at most."""
    trending = [
        int(recommendation.item_id)
        for shelf in shelves
        for recommendation in shelf.recommendations
        if any(reason.kind is ReasonKind.TRENDING for reason in recommendation.reasons)
    ]
    return ShelfPage(tuple(shelves), reader, course_id, recent_starts(trending, serving.starts if serving else {}))


def _store(shelves: Sequence[Shelf], user_id: int | None, serving: Serving | None, context_course_id: int | None = None) -> None:
    """Store each shelf as a slate with its places. Of visitors a sample is kept: whoever asks for pages must not fill the disk."""
    if not shelves or drops_optional_writes() or (user_id is None and not live_model().visitor_slates.try_acquire()):
        return
    common = {"user_id": user_id, "context_course_id": context_course_id, "served_at": now()}
    # What a visitor has opened stays in their browser: stored reasons do not name it.
    with_evidence = user_id is not None
    slates = [
        {"id": s.slate_id, "placement": s.placement, "detail": _detail(s, with_evidence)}
        | choose_policy_and_model(s.placement, serving).columns()
        | common
        for s in shelves
    ]
    impressions = [row for shelf in shelves for row in _impressions(shelf)]

    def write() -> None:
        db.session.execute(insert(Slate), slates)
        db.session.execute(insert(Impression), impressions)

    defer_write(write)


def _impressions(shelf: Shelf) -> Iterator[dict[str, Any]]:
    for position, recommendation in enumerate(shelf.recommendations, start=1):
        main = max(recommendation.reasons, key=lambda reason: reason.weight, default=None)
        yield {
            "slate_id": shelf.slate_id,
            "position": position,
            "course_id": int(recommendation.item_id),
            "propensity": round(recommendation.propensity, 5),
            "reason": main.kind.value if main else None,
        }


def _detail(shelf: Shelf, with_evidence: bool) -> list[Any]:
    """Score and reasons of each place as stored (webapp.models.slate). The largest reasons are kept one by one, the others as one sum
    a source, so that they still add up."""
    return [[round(r.score, 5), _reasons_as_stored(r, with_evidence)] for r in shelf.recommendations]


def _reasons_as_stored(recommendation: Recommendation, with_evidence: bool) -> list[Any]:
    ordered = sorted(recommendation.reasons, key=lambda r: -abs(r.weight))
    parts = [
        [r.source, r.kind.value, round(r.weight, 5), r.evidence if with_evidence else None, *r.detail] for r in ordered[:_STORED_REASONS]
    ]
    rest: defaultdict[str, float] = defaultdict(float)
    for reason in ordered[_STORED_REASONS:]:
        rest[reason.source] += reason.weight
    return parts + [[source, REST, round(weight, 5), None] for source, weight in rest.items()]
