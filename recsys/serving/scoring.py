"""Scoring: one learner's scores over the catalog, kept in the parts they are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recsys import kernels
from recsys.explain.event_shares import SourcePart, split_by_events
from recsys.explain.reason_order import arrange, shared_labels
from recsys.ranking.blend import ScoredParts
from recsys.ranking.stated_profile import ScoreTerm, term_values_for_items
from recsys.rerank.exclusions import dislike_strength_by_item, taken_items
from recsys.rerank.policy import Policy
from recsys.serving.bundle import Bundle
from recsys.serving.catalog import Catalog
from recsys.serving.learner_events import Events, events_of
from recsys.serving.likeness import EVIDENCE_KINDS, Alike, Likeness
from recsys.types import Item, Learner, Reason, ReasonKind

Vector = npt.NDArray[np.float32]
_STATED_AT_FIRST = 3.5
_STATED_AT_LAST = 0.5
_STATED_HALF_LIFE = 1.5
"""What is stated weighs 4 spreads at first; every 1.5 courses halve what exceeds half a spread."""
_DISLIKE = 2.0
_SPREAD_POOL = 150
_DETAILED = 3
"""Pages show few reasons; finding shared terms for the others would be the largest part of a request."""


@dataclass(frozen=True)
class CatalogScores:
    """Scores over the catalog and their parts: `parts` by the blend over the model's items, in the score's unit; `terms` of
    the profile and of dislikes, already scaled. values = lift(parts) + sum of terms."""

    values: Vector
    base: Vector
    parts: ScoredParts
    terms: tuple[ScoreTerm, ...]
    events: Events
    spread: float


@dataclass(frozen=True)
class Scorer:
    """Scores and explains; immutable."""

    bundle: Bundle
    catalog: Catalog
    policy: Policy
    likeness: Likeness

    def score(
        self, learner: Learner, *, stated: float = 1.0, evidence_only: bool = False, against: Sequence[ScoreTerm] | None = None
    ) -> CatalogScores:
        """Scores of a learner.

        `stated` multiplies what the learner says (interests, goal, level, time, languages); `evidence_only` leaves out sources that are the
        same for everyone; `against` are the learner's dislikes where the caller has asked for them before.
        """
        events = events_of(learner, self.catalog, self.bundle.positions)
        parts = self.bundle.hybrid.score_parts(events.history, self._source_weights(evidence_only))
        base = self.catalog.extend_to_catalog(parts.total(), events.history.items)
        spread = spread_of(base)
        lowered = _scale_terms(self.dislike_terms(learner) if against is None else against, spread)
        return self._add_profile_terms(CatalogScores(base, base, parts, tuple(lowered), events, spread), learner, stated)

    def scores_with_profile_weight(self, scored: CatalogScores, learner: Learner, stated: float) -> CatalogScores:
        """The same evidence with what the learner says counting `stated` times."""
        kept = tuple(term for term in scored.terms if term.kind is ReasonKind.LESS_LIKE_THIS)
        return self._add_profile_terms(replace(scored, terms=kept), learner, stated)

    def dislike_terms(self, learner: Learner) -> list[ScoreTerm]:
        """What the learner's dislikes take from their neighbors, in units of the spread."""
        if self.policy.negative == 0:
            return []
        alike_by_item = ((item_id, strength, self.likeness.of(item_id)) for item_id, strength in dislike_strength_by_item(learner).items())
        factor = _DISLIKE * self.policy.negative
        return [
            _dislike_term(item_id, factor * min(strength, 1.0), alike) for item_id, strength, alike in alike_by_item if alike is not None
        ]

    def reasons(self, scored: CatalogScores, positions: Sequence[int]) -> list[tuple[Reason, ...]]:
        """The score of each item taken apart, in reading order; the weights of a tuple sum to the score."""
        indices = [int(self.catalog.trained[p]) for p in positions]
        known = [index for index in indices if index >= 0]
        learned = dict(zip(known, self._learned_reasons(scored, known), strict=True))
        stated, explained = _score_term_reasons(scored.terms, positions, len(self.catalog)), []
        for position, index, own in zip(positions, indices, stated, strict=True):
            parts = tuple(learned[index]) if index >= 0 else arrange([self._new_item_reason(scored, position)])
            if own:
                parts = arrange([*parts, *own])
            explained.append(self._with_shared_words(parts, self.catalog.items[position], scored.events))
        return explained

    def _source_weights(self, evidence_only: bool) -> dict[str, float]:
        factors = dict(self.policy.source_weights)
        if evidence_only:
            hybrid = self.bundle.hybrid
            factors |= {name: 0.0 for name in hybrid.sources_ if hybrid.reason_kind_of_source(name) not in EVIDENCE_KINDS}
        return factors

    def _add_profile_terms(self, scored: CatalogScores, learner: Learner, stated: float) -> CatalogScores:
        """What is stated counts most at the start and gives way to what is done, but never vanishes."""
        said = learner.topics or learner.goal_skills or learner.level or learner.weekly_minutes or learner.languages
        if not (scored.terms or said):
            return scored
        weight = _STATED_AT_LAST + _STATED_AT_FIRST * 2 ** (-len(scored.events.ids) / _STATED_HALF_LIFE)
        strength = self.policy.profile * stated * scored.spread * weight
        own = self.catalog.profile.learner_score_terms(learner, taken_items(learner)) if strength else []
        terms = (*_scale_terms(own, strength), *scored.terms)
        values = scored.base + self.catalog.profile.total(terms) if terms else scored.base
        return scored if values is scored.values else replace(scored, values=values, terms=terms)

    def _learned_reasons(self, scored: CatalogScores, indices: Sequence[int]) -> list[list[Reason]]:
        """Reasons from the blend for each trained item."""
        hybrid, history = self.bundle.hybrid, scored.events.history
        parts = []
        for source, row in scored.parts.parts_by_source(indices).items():
            model = hybrid.sources_.get(source)
            shares = model.contributions_to(history, indices) if model is not None and model.personal else None
            parts.append(SourcePart(source, hybrid.reason_kind_of_source(source), row.tolist(), shares))
        by_item = split_by_events(parts, scored.events.ids)
        return [
            reasons if self.bundle.counts[index] else _as_content_reasons(reasons) for index, reasons in zip(indices, by_item, strict=True)
        ]

    def _with_shared_words(self, reasons: tuple[Reason, ...], item: Item, events: Events) -> tuple[Reason, ...]:
        """Names what items share where likeness of content is among the leading reasons.

        A proxied event was used by its content, whatever the source.
        """
        if events.proxied:
            reasons = tuple(self._as_similar_content_if_proxied(reason, events) for reason in reasons)
        if not any(reason.kind is ReasonKind.SIMILAR_CONTENT for reason in reasons[:_DETAILED]):
            return reasons
        detailed = (
            r._replace(detail=self.shared_words(r.evidence, item)) if r.kind is ReasonKind.SIMILAR_CONTENT and r.evidence else r
            for r in reasons[:_DETAILED]
        )
        return (*detailed, *reasons[_DETAILED:])

    def _as_similar_content_if_proxied(self, reason: Reason, events: Events) -> Reason:
        proxied = reason.evidence in events.proxied and reason.kind in EVIDENCE_KINDS
        return reason._replace(kind=ReasonKind.SIMILAR_CONTENT) if proxied else reason

    def shared_words(self, item_id: str, item: Item) -> tuple[str, ...]:
        """What two items have in common, in words: skills, topics, tags, else terms of their texts."""
        other = self._item_from_catalog_or_model(item_id)
        if other is None:
            return ()
        labels = shared_labels((*item.skills, *item.topics, *item.tags), (*other.skills, *other.topics, *other.tags))
        return labels or self.bundle.shared_terms(item.item_id, item_id)

    def _item_from_catalog_or_model(self, item_id: str) -> Item | None:
        position = self.catalog.positions.get(item_id)
        if position is not None:
            return self.catalog.items[position]
        index = self.bundle.positions.get(item_id)
        return None if index is None else self.bundle.items[index]

    def _new_item_reason(self, scored: CatalogScores, position: int) -> Reason:
        """A new item's learned part comes from its neighbors; it is one reason, with the topic it shares with the profile."""
        item = self.catalog.items[position]
        topics = {t.evidence for t in scored.terms if t.kind is ReasonKind.INTEREST}
        topic = next((t for t in item.topics if t in topics), item.topics[0] if item.topics else None)
        return Reason("new", ReasonKind.NEW, float(scored.base[position]), topic)


def _as_content_reasons(reasons: list[Reason]) -> list[Reason]:
    """The reasons of a course nobody took: what joins it to others then is what is written about it (see EaseModel's side)."""
    together = ReasonKind.TAKEN_TOGETHER
    return [r._replace(kind=ReasonKind.SIMILAR_CONTENT) if r.kind is together else r for r in reasons]


def _scale_terms(terms: Iterable[ScoreTerm], factor: float) -> list[ScoreTerm]:
    return [replace(term, values=term.values * np.float32(factor)) for term in terms]


def _dislike_term(item_id: str, factor: float, alike: Alike) -> ScoreTerm:
    return ScoreTerm(ReasonKind.LESS_LIKE_THIS, item_id, alike.items, (-factor * alike.values).astype(np.float32))


def spread_of(values: Vector) -> float:
    """The unit of policy strengths: standard deviation over all items or over the best 150, whichever is larger.

    Learned scores have a long tail: over all items their spread says little about what parts the leaders.
    """
    if len(values) == 0:
        return 1.0
    return max(kernels.standard_deviation_all_and_top_k(values, min(_SPREAD_POOL, len(values)))) or 1.0


def _score_term_reasons(terms: Sequence[ScoreTerm], positions: Sequence[int], n_items: int) -> list[list[Reason]]:
    """What terms add to each of the items."""
    rows = term_values_for_items(terms, positions, n_items).tolist()
    return [
        [Reason(_source(term), term.kind, value, term.evidence) for term, value in zip(terms, row, strict=True) if value] for row in rows
    ]


def _source(term: ScoreTerm) -> str:
    return "feedback" if term.kind is ReasonKind.LESS_LIKE_THIS else "profile"
