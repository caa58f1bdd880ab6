"""Recommender: load a trained artifact once, ask from many threads."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recsys.registry.manifest import Manifest
from recsys.rerank.policy import Policy
from recsys.serving.bundle import Bundle
from recsys.serving.catalog import Catalog
from recsys.serving.completion import FinishPredictor
from recsys.serving.likeness import Likeness
from recsys.serving.non_personalized_rankings import NonPersonalizedRanking
from recsys.serving.personal_lists import PersonalLists
from recsys.serving.scoring import CatalogScores, Scorer
from recsys.serving.top_lists import ListPicker, masked_unless, top_positions
from recsys.types import Interaction, Item, Learner, Reason, ReasonKind, Recommendation

Vector = npt.NDArray[np.float32]


class Recommender:
    """A trained artifact bound to a catalog and a policy; immutable, so threads may share it.

    `with_catalog` and `with_policy` return cheap copies that share the memory-mapped arrays.
    Every returned list holds at most k items, all of them in the catalog, none of them twice, none of them settled or
    excluded by the learner. Reasons sum to the score; the score is relevance, the order may differ by policy.
    """

    def __init__(self, bundle: Bundle, catalog: Catalog, policy: Policy, likeness: Likeness | None = None) -> None:
        self._bundle = bundle
        self._catalog = catalog
        self._policy = policy
        self._likeness = likeness or Likeness(bundle, catalog)
        self._picker = ListPicker(Scorer(bundle, catalog, policy, self._likeness))

    @classmethod
    def load(cls, directory: Path, policy: Policy | None = None) -> "Recommender":
        """Verify and open the artifact in `directory`; its catalog is that of the training items.

        Raises ArtifactError when it is missing, damaged, foreign or of another format version.
        """
        bundle = Bundle.open(directory)
        recommender = cls(bundle, Catalog.of(bundle, bundle.items), policy or Policy())
        for item in bundle.items[:1]:
            recommender.similar(item.item_id, 1)  # compiled code is there before the first learner asks
        return recommender

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

    @property
    def finish_predictor(self) -> FinishPredictor | None:
        """The chance to finish the items eligible now; None where the model was trained without attempts."""
        return self._catalog.finishing

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
        return self if policy == self._policy else Recommender(self._bundle, self._catalog, policy, self._likeness)

    def blocked(self, segments: Collection[str] = ()) -> frozenset[str]:
        """Items of the catalog that rules of the policy keep out of every list now, for learners of these segments.

        No list of this recommender holds those blocked for everyone, no list of a learner those blocked for a segment of theirs.
        """
        return frozenset(self._catalog.ids[position] for position in self._picker.rule_blocked_positions(segments))

    def for_learner(self, learner: Learner) -> PersonalLists:
        """The lists for this learner; a visitor is `Learner()`. Scores are shared by all lists asked of it."""
        return PersonalLists(self._picker, learner)

    def similar(self, item_id: str, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Items close to `item_id` by who takes them and by content; unknown ids give an empty list."""
        if item_id in self._catalog.nearest_row_by_new_item_id:
            return self._similar_to_new_item(item_id, k, exclude)
        scored = self._picker.scorer.score(Learner(history=(Interaction(item_id),)), evidence_only=True)
        if not scored.events.ids:
            return []
        return self._picker.best(scored, self._keep_related(scored, self._picker.masked_scores(scored.values, {item_id, *exclude})), k)

    def trending(self, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Trending items: much taken lately."""
        return self._trending.first(k, frozenset(exclude), self.blocked())

    def popular(self, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Popular items: taken by most learners."""
        return self._popular.first(k, frozenset(exclude), self.blocked())

    @cached_property
    def _trending(self) -> NonPersonalizedRanking:
        return NonPersonalizedRanking.of(self._catalog, self._bundle.trending, "trending", ReasonKind.TRENDING)

    @cached_property
    def _popular(self) -> NonPersonalizedRanking:
        return NonPersonalizedRanking.of(self._catalog, self._bundle.popularity, "popularity", ReasonKind.POPULAR)

    def _keep_related(self, scored: CatalogScores, order: Vector) -> Vector:
        """Related items: what the evidence lifts above the middle of the catalog; the rest has nothing to do with it."""
        middle = np.median(scored.base) if len(scored.base) else 0.0
        return masked_unless(scored.base > middle, order)

    def _similar_to_new_item(self, item_id: str, k: int, exclude: Collection[str]) -> list[Recommendation]:
        """Items similar to a new one, by closeness of text alone: it has no company yet."""
        row = self._catalog.closeness[self._catalog.nearest_row_by_new_item_id[item_id]].toarray().ravel()
        values = self._catalog.extend_to_catalog(np.asarray(row, np.float32))
        order = self._picker.masked_scores(np.where(values > 0, values, -np.inf), {item_id, *exclude})
        return [self._similar_recommendation(item_id, position, float(values[position])) for position in top_positions(order, k)]

    def _similar_recommendation(self, item_id: str, position: int, value: float) -> Recommendation:
        detail = self._picker.scorer.shared_words(item_id, self._catalog.items[position])
        return _single_reason(self._catalog.ids[position], Reason("content", ReasonKind.SIMILAR_CONTENT, value, item_id, detail))


def _single_reason(item_id: str, reason: Reason) -> Recommendation:
    return Recommendation(item_id, reason.weight, (reason,))
