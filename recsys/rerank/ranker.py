"""A model with the policy's re-ranking on top, for measuring what the policy costs and brings."""

import numpy as np

from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.ranking.topk import Ranking, mask_seen
from recsys.rerank.niche import niche_items
from recsys.rerank.policy import Policy
from recsys.rerank.slate import Traits, build_slates, level_mix, pool_of


class PolicyRanker:
    """Ranks by the scores of `model`, re-ranked as served. Exploration is left out: it draws lots."""

    traits_: Traits

    def __init__(self, model: Model, policy: Policy) -> None:
        self.model = model
        self.policy = policy

    def fit(self, dataset: Dataset) -> "PolicyRanker":
        """Fit the model and `prepare`."""
        self.model.fit(dataset)
        return self.prepare(dataset)

    def prepare(self, dataset: Dataset) -> "PolicyRanker":
        """Read the traits of items; enough where the model is fitted already."""
        self.traits_ = Traits.of(dataset.items, niche_items(dataset.popularity))
        return self

    def rank(self, histories: Histories, k: int) -> Ranking:
        """The best k unseen items per row, padded with -1; shape (len(histories), k)."""
        scores = mask_seen(self.model.score(histories), histories)
        pool = pool_of(scores, self.traits_.niche, max(self.policy.pool, k), int(np.ceil(self.policy.niche_share * k)))
        mix = np.repeat(level_mix(self.policy, None), len(histories), axis=0)
        return build_slates(scores, pool, self.traits_, self.policy, k, mix)
