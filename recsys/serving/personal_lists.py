"""Personal lists of one learner: scored once, asked for any number of shelves."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recsys.explain.reason_order import arrange, is_understandable
from recsys.ranking.stated_profile import ScoreTerm
from recsys.rerank.exclusions import items_excluded_for_learner, taken_items
from recsys.rerank.reranker import target_level_mix
from recsys.serving.scoring import CatalogScores
from recsys.serving.slate_composition import Place, compose_slate
from recsys.serving.top_lists import ListPicker, masked_unless, top_positions
from recsys.types import Interaction, Item, Learner, Reason, ReasonKind, Recommendation

Vector = npt.NDArray[np.float32]
_STATED_FOR_ITEM = 0.1
"""On a shelf about one course, what the learner says only breaks ties."""
_STATED_FOR_GOAL = 2.0
_COLD_DIVERSITY = 1.0
_CLEARLY = 0.6
"""What follows from a course stands this far on the way from the average course to the one that follows it most."""


class PersonalLists:
    """What a recommender has for one learner; made by `Recommender.for_learner`, lives as long as a request.

    The learner is scored when the first list needs it, and once for all of them.
    """

    def __init__(self, picker: ListPicker, learner: Learner) -> None:
        self._picker = picker
        self._catalog = picker.catalog
        self._policy = picker.scorer.policy
        self._learner = learner

    def recommend(self, k: int, *, seed: int = 0, exclude: Collection[str] = ()) -> list[Recommendation]:
        """The slate "recommended for you": ranked, re-ranked by the policy, with reasons that sum to each score.

        From five places on, the policy's exploration gives some of them to new items; `seed` decides which.
        """
        order = self._ranking_scores(self._scored, exclude)
        mix = target_level_mix(self._policy, self._learner.level)
        policy = self._policy
        if not self._scored.events.ids and not self._learner.topics:
            # Nothing is known yet: a sample across the catalog finds out more than what is popular in one corner of it.
            policy = replace(policy, diversity=max(policy.diversity, _COLD_DIVERSITY))
        places = compose_slate(self._catalog, policy, order, self._scored.spread, mix, k, seed, self._learner.segments)
        recommendations = self._picker.recommendations(self._scored, [place.position for place in places])
        explained = [
            _with_exploration_reason(r, p, self._catalog.items[p.position]) if p.explored else r
            for r, p in zip(recommendations, places, strict=True)
        ]
        return [r if any(map(is_understandable, r.reasons)) else _with_variety_reason(r) for r in explained]

    def scores(self, item_ids: Iterable[str] | None = None) -> dict[str, float]:
        """Relevance of the given catalog items (default: all), to order a search or a catalog page for the learner.

        Settled and disliked items are scored too; ids that are not in the catalog are left out.
        """
        positions = self._catalog.positions
        wanted = self._catalog.ids if item_ids is None else item_ids
        return {i: float(self._scored.values[positions[i]]) for i in wanted if i in positions}

    def argsort_item_ids_by_score(self, item_ids: Sequence[str]) -> list[int]:
        """Places in `item_ids`, that of the most fitting item first; what is never shown to the learner, and what is not in the catalog,
        keeps its order at the end."""
        values = np.append(self._scored.values, np.float32(-np.inf))  # the last one is for what is not there
        values[self._settled] = -np.inf
        at = np.array([self._catalog.positions.get(item_id, -1) for item_id in item_ids], np.int64)
        places: list[int] = (-values[at]).argsort(kind="stable").tolist()
        return places

    def because(self, item_id: str, k: int, exclude: Collection[str] = (), least: int = 1) -> list[Recommendation]:
        """What clearly follows from `item_id` of the learner's history, ordered for this learner, those that lack a
        prerequisite last; often less than k, and nothing where it is less than `least`."""
        alone = replace(self._learner, history=(Interaction(item_id),))
        scored = self._picker.scorer.score(alone, stated=_STATED_FOR_ITEM, evidence_only=True, against=self._dislike_terms)
        if item_id not in scored.events.ids:
            return []
        other_scores = np.delete(scored.base, self._catalog.positions[item_id]) if item_id in self._catalog.positions else scored.base
        if not len(other_scores):
            return []
        bar = other_scores.mean() + _CLEARLY * (other_scores.max() - other_scores.mean())
        positions = top_positions(
            self._ready_first(masked_unless(scored.base >= bar, self._ranking_scores(scored, {item_id, *exclude}))), k
        )
        return self._picker.recommendations(scored, positions) if len(positions) >= least else []

    def next_for_goal(self, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Items that close the gap to the learner's goal, those first whose prerequisites are met; empty without a goal."""
        if not self._learner.goal_skills:
            return []
        scored = self._picker.scorer.scores_with_profile_weight(self._scored, self._learner, _STATED_FOR_GOAL)
        teaches = np.zeros(len(self._catalog), np.bool_)
        for term in scored.terms:
            if term.kind is ReasonKind.GOAL_SKILL:
                teaches[term.items] = True
        return self._picker.best(scored, self._ready_first(masked_unless(teaches, self._ranking_scores(scored, exclude))), k)

    def newly_published(self, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Newly published items, the closest to the learner first, those that lack a prerequisite last."""
        if not self._catalog.recent.any():
            return []
        return self._picker.best(
            self._scored, self._ready_first(masked_unless(self._catalog.recent, self._ranking_scores(self._scored, exclude))), k
        )

    @cached_property
    def _scored(self) -> CatalogScores:
        return self._picker.scorer.score(self._learner, against=self._dislike_terms)

    @cached_property
    def _dislike_terms(self) -> list[ScoreTerm]:
        return self._picker.scorer.dislike_terms(self._learner)

    @cached_property
    def _settled(self) -> npt.NDArray[np.int64]:
        """Positions of what is never shown to the learner: long histories settle much, and every list asks."""
        return self._picker.positions_of(items_excluded_for_learner(self._learner))

    @cached_property
    def _missing_prerequisite_counts(self) -> Vector:
        """How many prerequisites each item lacks."""
        met = taken_items(self._learner).union(self._learner.taken, self._learner.held_skills)
        return self._catalog.prerequisites.missing(met)

    @cached_property
    def _finish_term(self) -> Vector | None:
        """What the chance to finish moves in the order, in spreads; None where it counts for nothing or is unknown."""
        finishing, weight = self._catalog.finishing, self._policy.finish_weight
        return finishing.order_term(self._learner, weight) if finishing and weight else None

    def _ranking_scores(self, scored: CatalogScores, exclude: Collection[str]) -> Vector:
        """Values to sort by: -inf for what must not be shown, less for missing prerequisites, a little more for what the learner is
        likely to finish."""
        values = scored.values
        if self._finish_term is not None:
            values = values + np.float32(scored.spread) * self._finish_term
        if self._catalog.prerequisites.names:
            values = values - np.float32(self._policy.prerequisite_penalty * scored.spread) * self._missing_prerequisite_counts
        return self._picker.masked_scores(values, exclude, self._learner.segments, self._settled)

    def _ready_first(self, order: Vector) -> Vector:
        """`order` with what lacks a prerequisite behind all that does not."""
        finite = order[np.isfinite(order)]
        if not self._catalog.prerequisites.names or not len(finite):
            return order
        return np.asarray(order - np.float32(np.ptp(finite) + 1) * (self._missing_prerequisite_counts > 0), np.float32)


def _with_variety_reason(recommendation: Recommendation) -> Recommendation:
    """A recommendation with variety as its first reason: nothing in its favor is known, and the policy alone has given it its place."""
    return replace(recommendation, reasons=(Reason("policy", ReasonKind.EXPLORE, 0.0), *recommendation.reasons))


def _with_exploration_reason(recommendation: Recommendation, place: Place, item: Item) -> Recommendation:
    """An explored item carries what exploration added to bring it to its place, as its first reason."""
    topic = item.topics[0] if item.topics else None
    added = Reason("exploration", ReasonKind.NEW, place.bonus, topic)
    reasons = (added, *arrange(recommendation.reasons)) if place.bonus else recommendation.reasons
    return Recommendation(recommendation.item_id, recommendation.score + place.bonus, reasons, place.propensity)
