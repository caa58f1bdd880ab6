"""The door to a trained recommender: load once, ask from many threads."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recsys.explain.reasons import arrange
from recsys.registry.manifest import Manifest
from recsys.rerank.policy import Policy
from recsys.rerank.rules import disliked, never_shown, taken
from recsys.rerank.slate import level_mix
from recsys.serving.bundle import Bundle
from recsys.serving.catalog import Catalog
from recsys.serving.scoring import Scored, Scorer
from recsys.serving.slates import compose
from recsys.types import Interaction, Item, Learner, Reason, ReasonKind, Recommendation

Vector = npt.NDArray[np.float32]
_STATED_FOR_ITEM = 0.1
"""On a shelf about one course, what the learner says only breaks ties."""
_STATED_FOR_GOAL = 2.0


class Recommender:
    """A trained artifact bound to a catalog and a policy; immutable, so threads may share it.

    `with_catalog` and `with_policy` return cheap copies that share the memory-mapped arrays. A visitor is `Learner()`.
    Every returned list holds at most k items, all of them in the catalog, none of them twice, none of them settled or
    excluded by the learner. Reasons sum to the score; the score is relevance, the order may differ by policy.
    """

    def __init__(self, bundle: Bundle, catalog: Catalog, policy: Policy) -> None:
        self._bundle = bundle
        self._catalog = catalog
        self._policy = policy
        self._scorer = Scorer(bundle, catalog, policy)

    @classmethod
    def load(cls, directory: Path, policy: Policy | None = None) -> "Recommender":
        """Verify and open the artifact in `directory`; its catalog is that of the training items.

        Raises ArtifactError when it is missing, damaged, foreign or of another format version.
        """
        bundle = Bundle.open(directory)
        return cls(bundle, Catalog.of(bundle, bundle.items), policy or Policy())

    @property
    def manifest(self) -> Manifest:
        """What the artifact says about itself."""
        return self._bundle.manifest

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._policy

    @property
    def items(self) -> tuple[Item, ...]:
        """The items eligible now."""
        return self._catalog.items

    def with_catalog(
        self, items: Sequence[Item], *, now: float | None = None, exposure: Mapping[str, tuple[int, int]] | None = None
    ) -> "Recommender":
        """The same model for the items eligible now.

        Items unknown to the model take part by their content; trained items that are absent are never returned.
        `now` (seconds since the epoch, default: the latest `published`) decides what is new; `exposure` gives
        (times shown, times taken) of new items, which steers and ends their exploration.
        """
        return Recommender(self._bundle, Catalog.of(self._bundle, items, now, exposure), self._policy)

    def with_policy(self, policy: Policy) -> "Recommender":
        """The same model and catalog under another policy."""
        return Recommender(self._bundle, self._catalog, policy)

    def recommend(self, learner: Learner, k: int, *, seed: int = 0, exclude: Collection[str] = ()) -> list[Recommendation]:
        """The slate "recommended for you": ranked, re-ranked by the policy, with reasons that sum to each score.

        From five places on, the policy's exploration gives some of them to new items; `seed` decides which.
        """
        scored = self._scorer.score(learner)
        order = self._order(scored, learner, exclude)
        mix = level_mix(self._policy, learner.level)
        places = compose(self._catalog, self._policy, order, scored.spread, mix, k, np.random.default_rng(seed))
        found = self._recommendations(scored, [place.position for place in places])
        return [
            _explored(r, p.propensity, p.bonus, self._catalog.items[p.position]) if p.explored else r
            for r, p in zip(found, places, strict=True)
        ]

    def scores(self, learner: Learner, item_ids: Iterable[str] | None = None) -> dict[str, float]:
        """Relevance of the given catalog items (default: all), to order a search or a catalog page for the learner.

        Settled and disliked items are scored too; ids that are not in the catalog are left out.
        """
        values = self._scorer.score(learner).values
        positions = self._catalog.positions
        return {i: float(values[positions[i]]) for i in (self._catalog.ids if item_ids is None else item_ids) if i in positions}

    def similar(self, item_id: str, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Items close to `item_id` by who takes them and by content; unknown ids give an empty list."""
        if item_id in self._catalog.new_rows:
            return self._similar_new(item_id, k, exclude)
        scored = self._scorer.score(Learner(history=(Interaction(item_id),)), evidence_only=True)
        if not scored.events.ids:
            return []
        return self._best(scored, self._related(scored, self._mask(scored.values, {item_id, *exclude})), k)

    def because(self, learner: Learner, item_id: str, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """What `item_id` of the learner's history leads to, ordered for this learner."""
        turned_down = tuple(e for e in learner.history if e.item_id in disliked(learner))
        alone = replace(learner, history=(*turned_down, Interaction(item_id)))
        scored = self._scorer.score(alone, stated=_STATED_FOR_ITEM, evidence_only=True)
        if item_id not in scored.events.ids:
            return []
        return self._best(scored, self._related(scored, self._order(scored, learner, {item_id, *exclude})), k)

    def next_for_goal(self, learner: Learner, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Items that close the gap to the learner's goal, those first whose prerequisites are met; empty without a goal."""
        scored = self._scorer.score(learner, stated=_STATED_FOR_GOAL)
        teaches = np.zeros(len(self._catalog), np.bool_)
        for term in scored.terms:
            if term.kind is ReasonKind.GOAL_SKILL:
                teaches[term.items] = True
        order = self._order(scored, learner, exclude)
        return self._best(scored, np.where(teaches, order, -np.inf).astype(np.float32), k)

    def new_for(self, learner: Learner, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Newly published items, the closest to the learner first."""
        scored = self._scorer.score(learner)
        order = self._order(scored, learner, exclude)
        return self._best(scored, np.where(self._catalog.recent, order, -np.inf).astype(np.float32), k)

    def trending(self, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Much taken lately."""
        return self._same_for_all(self._bundle.trending.scores_, "trending", ReasonKind.TRENDING, k, exclude)

    def popular(self, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Taken by most learners."""
        return self._same_for_all(self._bundle.popularity.scores_, "popularity", ReasonKind.POPULAR, k, exclude)

    def _order(self, scored: Scored, learner: Learner, exclude: Collection[str]) -> Vector:
        """Values to sort by: -inf for what must not be shown, less for missing prerequisites."""
        missing = self._catalog.prerequisites.missing({*taken(learner), *learner.held_skills})
        pushed = scored.values - np.float32(self._policy.prerequisite_penalty * scored.spread) * missing
        return self._mask(pushed, {*never_shown(learner), *exclude})

    def _mask(self, values: Vector, hidden: Iterable[str]) -> Vector:
        """`values` with -inf for hidden items; of twins the best stays, and none where one is hidden."""
        masked = values.astype(np.float32, copy=True)
        masked[[self._catalog.positions[i] for i in hidden if i in self._catalog.positions]] = -np.inf
        for twins in self._catalog.twins:
            best = twins[masked[twins].argmax()]
            best_value = masked[best] if np.isfinite(masked[twins]).all() else -np.inf
            masked[twins] = -np.inf
            masked[best] = best_value
        return masked

    def _related(self, scored: Scored, order: Vector) -> Vector:
        """Only what the evidence lifts above the middle of the catalog: the rest has nothing to do with it."""
        middle = np.median(scored.base) if len(scored.base) else 0.0
        return np.where(scored.base > middle, order, -np.inf).astype(np.float32)

    def _best(self, scored: Scored, order: Vector, k: int) -> list[Recommendation]:
        return self._recommendations(scored, _leaders(order, k))

    def _recommendations(self, scored: Scored, positions: Sequence[int]) -> list[Recommendation]:
        reasons = self._scorer.reasons(scored, positions)
        return [Recommendation(self._catalog.ids[p], float(scored.values[p]), r) for p, r in zip(positions, reasons, strict=True)]

    def _same_for_all(self, scores: Vector, source: str, kind: ReasonKind, k: int, exclude: Collection[str]) -> list[Recommendation]:
        values = np.full(len(self._catalog), -np.inf, np.float32)
        known = self._catalog.known
        values[known] = scores[self._catalog.trained[known]]
        values[values <= 0] = -np.inf  # nobody took it: neither popular nor trending
        best = _leaders(self._mask(values, exclude), k)
        return [_single(self._catalog.ids[p], Reason(source, kind, float(values[p]))) for p in best]

    def _similar_new(self, item_id: str, k: int, exclude: Collection[str]) -> list[Recommendation]:
        """A new item has no company yet: closeness of text alone."""
        row = self._catalog.closeness[self._catalog.new_rows[item_id]].toarray().ravel()
        values = self._catalog.lift(np.asarray(row, np.float32))
        order = self._mask(np.where(values > 0, values, -np.inf), {item_id, *exclude})
        return [self._alike(item_id, position, float(values[position])) for position in _leaders(order, k)]

    def _alike(self, item_id: str, position: int, value: float) -> Recommendation:
        detail = self._scorer.shared(item_id, self._catalog.items[position])
        return _single(self._catalog.ids[position], Reason("content", ReasonKind.SIMILAR_CONTENT, value, item_id, detail))


def _leaders(order: Vector, k: int) -> list[int]:
    """Positions of the best k finite entries of `order`, equal ones by position."""
    size = min(k, len(order))
    if size <= 0:
        return []
    bound = np.partition(order, len(order) - size)[len(order) - size]
    candidates = np.flatnonzero((order >= bound) & np.isfinite(order))
    best = candidates[np.argsort(-order[candidates], kind="stable")][:size]
    return [int(position) for position in best]


def _single(item_id: str, reason: Reason) -> Recommendation:
    return Recommendation(item_id, reason.weight, (reason,))


def _explored(found: Recommendation, propensity: float, bonus: float, item: Item) -> Recommendation:
    """An explored item carries what exploration added to bring it to its place, as its first reason."""
    topic = item.topics[0] if item.topics else None
    added = Reason("exploration", ReasonKind.NEW, bonus, topic)
    return Recommendation(found.item_id, found.score + bonus, (added, *arrange(found.reasons)) if bonus else found.reasons, propensity)
