"""Which shelves a page has and what stands on them: asks the model, or counts where there is none. Words come later."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from recsys.rerank.rules import LIGHT_KINDS, never_shown
from recsys.types import Recommendation
from webapp.recommender.serving import popularity_fallback
from webapp.recommender.serving.history import LearnerState
from webapp.recommender.serving.serving_model import Serving
from webapp.support.clock import now

if TYPE_CHECKING:
    from recsys.serving.personal import Personal

SHELF_SIZE = 8
_FEW = 3
_LEAST_BECAUSE = 3
_LEAST_PEERS = 3
_TRIED = 4


@dataclass(frozen=True)
class Draft:
    """A shelf before it is put into words; `anchor` is the course it follows from, `personal` whether a model ordered it."""

    placement: str
    recommendations: list[Recommendation]
    anchor: int | None = None
    personal: bool = True


Fill = Callable[[frozenset[str]], list[Recommendation]]


@dataclass
class _Page:
    """Shelves under way. A course that stands on one is kept off the next."""

    hidden: frozenset[str]
    personal: bool = True
    used: set[str] = field(default_factory=set)
    drafts: list[Draft] = field(default_factory=list)

    def add(self, placement: str, fill: Fill, anchor: int | None = None, least: int = 1) -> bool:
        """Fill a shelf with what is not on the page yet; whether it found enough to stand."""
        found = fill(self.hidden.union(self.used))
        if len(found) < least:
            return False
        self.used.update(r.item_id for r in found)
        self.drafts.append(Draft(placement, found, anchor, self.personal))
        return True


def drafts_with_model(serving: Serving, user_id: int | None, state: LearnerState) -> list[Draft]:
    """The shelves of a home page, best first."""
    page = _Page(_hidden(serving, state))
    if user_id is None:
        _add_visitor_shelves(page, serving, state)
    else:
        _add_learner_shelves(page, serving, user_id, state)
    return page.drafts


def _add_visitor_shelves(page: _Page, serving: Serving, state: LearnerState) -> None:
    """What the opened courses suggest, where there are any, before what is the same for everybody."""
    personal = serving.model.for_learner(state.learner)
    if state.learner.history:
        seed = _seed(tuple(state.relations), serving.version)
        page.add("recommended", lambda out: personal.recommend(SHELF_SIZE, seed=seed, exclude=out))
    _add_trending(page, serving)
    page.add("popular", lambda out: popularity_fallback.popular_courses(SHELF_SIZE, _numbers(out)))
    page.add("new", lambda out: personal.new(SHELF_SIZE, out))


def _add_learner_shelves(page: _Page, serving: Serving, user_id: int, state: LearnerState) -> None:
    model, k = serving.model, SHELF_SIZE
    personal = model.for_learner(state.learner)
    seed = _seed(user_id, serving.version)
    page.add("recommended", lambda out: personal.recommend(k, seed=seed, exclude=out))
    _add_because(page, personal, state)
    page.add("goal", lambda out: personal.next_for_goal(k, out))
    page.add("new", lambda out: personal.new(k, out))
    _add_trending(page, serving)
    _add_goal_peers(page, state, serving.goal_peers)
    if len(page.drafts) < _FEW:
        page.add("popular", lambda out: popularity_fallback.popular_courses(k, _numbers(out)))


def _add_because(page: _Page, personal: "Personal", state: LearnerState) -> None:
    """A shelf that follows from a course the learner took: the newest one from which enough follows clearly."""
    for anchor in _anchors(state):
        if page.add("because", partial(personal.because, anchor, SHELF_SIZE, least=_LEAST_BECAUSE), int(anchor)):
            return


def _add_trending(page: _Page, serving: Serving) -> None:
    """Data without times have no "lately": trending is popularity then, and the shelf does not stand."""
    trending, popular = (ask(SHELF_SIZE, page.hidden) for ask in (serving.model.trending, serving.model.popular))
    if [r.score for r in trending] != [r.score for r in popular]:
        page.add("trending", lambda out: _most_started(serving, out))


def _most_started(serving: Serving, out: frozenset[str]) -> list[Recommendation]:
    """Of the leaders in trend those first that most learners started lately, which is the number the cards tell."""
    leaders = serving.model.trending(2 * SHELF_SIZE, out)
    starts = popularity_fallback.recent_starts([int(r.item_id) for r in leaders], serving.starts)
    return sorted(leaders, key=lambda r: -starts[int(r.item_id)])[:SHELF_SIZE]


def drafts_by_counting(state: LearnerState) -> list[Draft]:
    """The shelves of a home page while there is no model: never empty as long as courses are published."""
    page = _Page(never_shown(state.learner), personal=False)
    page.add("topics", lambda out: popularity_fallback.courses_of_topics(state.learner.topics, SHELF_SIZE, _numbers(out)))
    page.add("popular", lambda out: popularity_fallback.popular_courses(SHELF_SIZE, _numbers(out)))
    page.add("new", lambda out: popularity_fallback.new_courses(SHELF_SIZE, _numbers(out)))
    _add_goal_peers(page, state, {})
    return page.drafts


def similar_draft(serving: Serving | None, course_id: int, state: LearnerState, k: int) -> Draft:
    """Courses close to one course, without those the learner has settled."""
    hidden = _hidden(serving, state) if serving else never_shown(state.learner)
    found = serving.model.similar(str(course_id), k, hidden) if serving else []
    if not found:
        found = popularity_fallback.courses_of_topic_mates(course_id, k, _numbers(hidden))
    return Draft("similar", found, course_id)


def _add_goal_peers(page: _Page, state: LearnerState, known: dict[int, list[Recommendation]]) -> None:
    """`known` remembers what others with the goal take; the reader's own courses are hidden in any case."""
    if state.goal is None:
        return
    if state.goal.id not in known:
        known[state.goal.id] = popularity_fallback.courses_of_goal_peers(state.goal)
    taken = known[state.goal.id]
    page.add("goal_peers", lambda out: [r for r in taken if r.item_id not in out][:SHELF_SIZE], least=_LEAST_PEERS)


def _anchors(state: LearnerState) -> list[str]:
    """Courses to follow from: what the learner took and liked, the newest first."""
    history = reversed(state.learner.history)
    taken = (event.item_id for event in history if event.weight > 0 and event.kind not in LIGHT_KINDS)
    return [item_id for item_id in taken if int(item_id) not in state.left][:_TRIED]


def _hidden(serving: Serving, state: LearnerState) -> frozenset[str]:
    """What no shelf holds, counted ones included: what the learner has settled, and what rules block."""
    return never_shown(state.learner) | serving.model.blocked(state.learner.segments)


def _numbers(item_ids: Iterable[str]) -> set[int]:
    return {int(item_id) for item_id in item_ids}


def _seed(reader: int | tuple[int, ...], version: str) -> int:
    """Exploration holds still for a day: a page that is loaded again looks the same. Visitors are told apart by what they opened."""
    text = f"{reader}/{now():%Y-%m-%d}/{version}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
