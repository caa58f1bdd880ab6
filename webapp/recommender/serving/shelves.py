"""Shelves of a page and the recommendations on them: from the model, or from popularity where there is none. No words."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from recsys.data.engagement import LIGHT_KINDS
from recsys.rerank.exclusions import items_excluded_for_learner
from recsys.types import Learner, Recommendation
from webapp.models.slate import MAX_SHELVES, new_slate_ids
from webapp.recommender.serving import popularity_fallback
from webapp.recommender.serving.learner_state import LearnerState
from webapp.recommender.serving.serving_model import Serving
from webapp.support.clock import now

if TYPE_CHECKING:
    from recsys.serving.personal_lists import PersonalLists

SHELF_SIZE = 8
_FEW = 3
_LEAST_BECAUSE = 3
_LEAST_PEERS = 3
_TRIED = 4


@dataclass(frozen=True, slots=True)
class Shelf:
    """A row of recommendations in the order they are shown; feedback and clicks on it name its `slate_id`.

    `anchor` is the course it follows from, `personal` whether a model ordered it.
    """

    placement: str
    recommendations: tuple[Recommendation, ...]
    anchor: int | None = None
    personal: bool = True
    slate_id: int = field(default_factory=lambda: new_slate_ids(1)[0])

    @property
    def course_ids(self) -> tuple[int, ...]:
        """The courses on it, the first place first."""
        return tuple(int(recommendation.item_id) for recommendation in self.recommendations)


class _ListsByPolicy:
    """Personal lists of a learner by placement, each under the policy that is stored with its slates. Placements under one policy share
    them: the learner is scored once."""

    def __init__(self, serving: Serving, learner: Learner) -> None:
        self._serving, self._learner = serving, learner
        self._by_version: dict[str, PersonalLists] = {}

    def of(self, placement: str) -> "PersonalLists":
        """The lists for a placement."""
        version = self._serving.policies.policy_for(placement).version
        if version not in self._by_version:
            self._by_version[version] = self._serving.recommender_for(placement).for_learner(self._learner)
        return self._by_version[version]


Fill = Callable[[frozenset[str]], list[Recommendation]]


@dataclass
class _Page:
    """Shelves composed so far. What stands on one is kept off the next, and what rules block (`blocked`, by placement) off its shelf.
    What the learner has settled is left out by lists made for the learner; the others are told to (`settled`)."""

    settled: frozenset[str]
    blocked: Callable[[str], frozenset[str]] = lambda _placement: frozenset()
    personal: bool = True
    used: set[str] = field(default_factory=set)
    shelves: list[Shelf] = field(default_factory=list)
    slate_ids: Iterator[int] = field(default_factory=lambda: iter(new_slate_ids(MAX_SHELVES)))

    def add(self, placement: str, fill: Fill, anchor: int | None = None, least: int = 1) -> bool:
        """Add a shelf of courses that are not on the page yet; False, and no shelf, where there are fewer than `least`."""
        recommendations = fill(self.blocked(placement).union(self.used))
        if len(recommendations) < least:
            return False
        self.used.update(r.item_id for r in recommendations)
        self.shelves.append(Shelf(placement, tuple(recommendations), anchor, self.personal, next(self.slate_ids)))
        return True

    def add_impersonal_shelf(self, placement: str, fill: Fill, least: int = 1) -> bool:
        """Add a shelf as `add` does, from a list that knows nothing of the learner."""
        return self.add(placement, lambda shown: fill(shown.union(self.settled)), least=least)


def shelves_with_model(serving: Serving, user_id: int | None, state: LearnerState) -> list[Shelf]:
    """The shelves of a home page from the serving model, best first."""
    page = _Page(items_excluded_for_learner(state.learner), partial(_blocked_ids, serving, state))
    if user_id is None:
        _add_visitor_shelves(page, serving, state)
    else:
        _add_learner_shelves(page, serving, user_id, state)
    return page.shelves


def _add_visitor_shelves(page: _Page, serving: Serving, state: LearnerState) -> None:
    """What the opened courses suggest, where there are any, before what is the same for everybody."""
    lists = _ListsByPolicy(serving, state.learner)
    if state.learner.history:
        seed = _daily_random_seed(tuple(state.relations), serving.version)
        page.add("recommended", lambda shown: lists.of("recommended").recommend(SHELF_SIZE, seed=seed, exclude=shown))
    _add_trending(page, serving)
    page.add_impersonal_shelf("popular", lambda shown: popularity_fallback.popular_courses(SHELF_SIZE, _course_ids(shown)))
    page.add("new", lambda shown: lists.of("new").newly_published(SHELF_SIZE, shown))


def _add_learner_shelves(page: _Page, serving: Serving, user_id: int, state: LearnerState) -> None:
    k, lists = SHELF_SIZE, _ListsByPolicy(serving, state.learner)
    seed = _daily_random_seed(user_id, serving.version)
    page.add("recommended", lambda shown: lists.of("recommended").recommend(k, seed=seed, exclude=shown))
    _add_because_shelf(page, lists.of("because"), state)
    page.add("goal", lambda shown: lists.of("goal").next_for_goal(k, shown))
    page.add("new", lambda shown: lists.of("new").newly_published(k, shown))
    _add_trending(page, serving)
    _add_goal_peers(page, state, serving.goal_peers)
    if len(page.shelves) < _FEW:
        page.add_impersonal_shelf("popular", lambda shown: popularity_fallback.popular_courses(k, _course_ids(shown)))


def _add_because_shelf(page: _Page, personal: "PersonalLists", state: LearnerState) -> None:
    """A shelf that follows from a course the learner took: the newest one from which enough follows clearly."""
    for anchor in _anchors(state):
        if page.add("because", partial(personal.because, anchor, SHELF_SIZE, least=_LEAST_BECAUSE), int(anchor)):
            return


def _add_trending(page: _Page, serving: Serving) -> None:
    """Data without times have no "lately": trending is popularity then, and the shelf does not stand."""
    hidden = page.settled | page.blocked("trending")
    trending, popular = (ask(SHELF_SIZE, hidden) for ask in (serving.model.trending, serving.model.popular))
    if [r.score for r in trending] != [r.score for r in popular]:
        page.add_impersonal_shelf("trending", lambda shown: _trending_by_starts(serving, shown))


def _trending_by_starts(serving: Serving, shown: frozenset[str]) -> list[Recommendation]:
    """Of the leaders in trend those first that most learners started lately, which is the number the cards tell."""
    leaders = serving.model.trending(2 * SHELF_SIZE, shown)
    starts = popularity_fallback.recent_starts([int(r.item_id) for r in leaders], serving.starts)
    return sorted(leaders, key=lambda r: -starts[int(r.item_id)])[:SHELF_SIZE]


def shelves_by_popularity(state: LearnerState) -> list[Shelf]:
    """The shelves of a home page while there is no model: never empty as long as courses are published."""
    page = _Page(items_excluded_for_learner(state.learner), personal=False)
    page.add_impersonal_shelf(
        "topics", lambda shown: popularity_fallback.courses_of_topics(state.learner.topics, SHELF_SIZE, _course_ids(shown))
    )
    page.add_impersonal_shelf("popular", lambda shown: popularity_fallback.popular_courses(SHELF_SIZE, _course_ids(shown)))
    page.add_impersonal_shelf("new", lambda shown: popularity_fallback.new_courses(SHELF_SIZE, _course_ids(shown)))
    _add_goal_peers(page, state, {})
    return page.shelves


def similar_shelf(serving: Serving | None, course_id: int, state: LearnerState, k: int) -> Shelf:
    """The shelf of courses close to one course, without those the learner has settled; it may be empty."""
    hidden = items_excluded_for_learner(state.learner) | (_blocked_ids(serving, state, "similar") if serving else frozenset())
    recommendations = serving.recommender_for("similar").similar(str(course_id), k, hidden) if serving else []
    if not recommendations:
        recommendations = popularity_fallback.courses_of_same_topics(course_id, k, _course_ids(hidden))
    return Shelf("similar", tuple(recommendations), course_id)


def _add_goal_peers(page: _Page, state: LearnerState, by_goal: dict[int, list[Recommendation]]) -> None:
    """`by_goal` remembers what learners with a goal take; the reader's own courses are hidden in any case."""
    if state.goal is None:
        return
    if state.goal.id not in by_goal:
        by_goal[state.goal.id] = popularity_fallback.courses_of_goal_peers(state.goal)
    taken = by_goal[state.goal.id]
    page.add_impersonal_shelf("goal_peers", lambda shown: [r for r in taken if r.item_id not in shown][:SHELF_SIZE], least=_LEAST_PEERS)


def _anchors(state: LearnerState) -> list[str]:
    """Courses to follow from: what the learner took and liked, the newest first."""
    history = reversed(state.learner.history)
    taken = (event.item_id for event in history if event.weight > 0 and event.kind not in LIGHT_KINDS)
    return [item_id for item_id in taken if int(item_id) not in state.left][:_TRIED]


def _blocked_ids(serving: Serving, state: LearnerState, placement: str) -> frozenset[str]:
    """What rules keep off the shelf of a placement, a counted one included: those of its policy, and those that hold everywhere."""
    segments = state.learner.segments
    return serving.model.blocked(segments) | serving.recommender_for(placement).blocked(segments)


def _course_ids(item_ids: Iterable[str]) -> set[int]:
    return {int(item_id) for item_id in item_ids}


def _daily_random_seed(reader: int | tuple[int, ...], version: str) -> int:
    """Exploration holds still for a day: a page that is loaded again looks the same. Visitors are told apart by what they opened."""
    text = f"{reader}/{now():%Y-%m-%d}/{version}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
