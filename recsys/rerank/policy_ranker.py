"""Policy ranker: a model with re-ranking on top, for measuring what the policy costs and brings."""

import numpy as np
import numpy.typing as npt

from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.ranking.topk import PAD, Ranking, mask_seen
from recsys.rerank.exposure_floor import stable_fraction
from recsys.rerank.item_traits import Traits
from recsys.rerank.missing_prerequisites import Prerequisites
from recsys.rerank.niche_items import niche_items
from recsys.rerank.policy import Policy
from recsys.rerank.reranker import Reranker, Vector, target_level_mix

RECENT_SECONDS = 60 * 86_400.0


class PolicyRanker:
    """Ranks by the scores of `model`, re-ranked as served. Exploration is left out: it draws lots."""

    reranker_: Reranker
    prerequisites_: Prerequisites

    def __init__(self, model: Model, policy: Policy, seed: int = 0) -> None:
        self.model = model
        self.policy = policy
        self.seed = seed

    def fit(self, dataset: Dataset) -> "PolicyRanker":
        """Fit the model and `prepare`."""
        self.model.fit(dataset)
        return self.prepare(dataset)

    def prepare(self, dataset: Dataset) -> "PolicyRanker":
        """Read the traits of items; enough where the model is fitted already."""
        popularity = dataset.popularity
        traits = Traits.of(dataset.items, niche_items(popularity))
        return self.bind_catalog(traits, popularity, recent_items(dataset), Prerequisites.of(dataset.items))

    def bind_catalog(
        self, traits: Traits, counts: npt.NDArray[np.int64], recent: npt.NDArray[np.bool_], prerequisites: Prerequisites
    ) -> "PolicyRanker":
        """Use a catalog whose arrays are known; see Reranker.of."""
        self.reranker_ = Reranker.of(traits, self.policy, counts, recent)
        self.prerequisites_ = prerequisites
        return self

    def rank(self, histories: Histories, k: int) -> Ranking:
        """The best k unseen items per row, padded with -1; shape (len(histories), k)."""
        return self.rerank(mask_seen(self.model.score(histories), histories), histories, k)

    def rerank(self, scores: Vector, histories: Histories, k: int, mixes: Vector | None = None) -> Ranking:
        """Slates of rows whose masked `scores` (n_rows, n_items) are known; `mixes` (n_rows, 3) are target shares of levels,
        those of the policy where absent."""
        plain = target_level_mix(self.policy, None)
        waiting = self.prerequisites_.missing_per_learner(histories) if self.policy.prerequisite_penalty else None
        ranking = np.full((len(histories), k), PAD, np.int64)
        for row, order in enumerate(scores):
            if waiting is not None:
                order = apply_prerequisite_penalty(order, waiting[row], self.policy)
            lot = stable_fraction(histories.row(row)[0], self.seed)
            chosen = self.reranker_.slate(order, plain if mixes is None else mixes[row], k, lot)
            ranking[row, : len(chosen)] = chosen
        return ranking


def apply_prerequisite_penalty(order: Vector, missing: Vector, policy: Policy) -> Vector:
    """`order` with what waits for prerequisites lowered, in units of the spread of its best 150 (as serving does)."""
    finite = order[np.isfinite(order)]
    if not len(finite) or not missing.any():
        return order
    size = min(150, len(finite))
    leaders = np.partition(finite, len(finite) - size)[len(finite) - size :]
    spread = max(float(finite.std()), float(leaders.std())) or 1.0
    return np.asarray(order - np.float32(policy.prerequisite_penalty * spread) * missing, np.float32)


def recent_items(dataset: Dataset) -> npt.NDArray[np.bool_]:
    """Items published in the 60 days before the newest event with a time (or the newest item); none without dates."""
    published = np.array([np.nan if i.published is None else i.published for i in dataset.items], np.float64)
    if not np.isfinite(published).any():
        return np.zeros(dataset.n_items, np.bool_)
    times = dataset.histories.timestamps
    moment = np.nanmax(published) if times is None or not np.isfinite(times).any() else np.nanmax(times)
    return np.asarray(np.isfinite(published) & (published > moment - RECENT_SECONDS), dtype=np.bool_)
