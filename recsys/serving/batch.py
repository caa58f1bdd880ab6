"""Batch slates for many learners: no reasons, no exploration, from what they took alone."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from recsys.data.histories import Histories
from recsys.ranking.topk import PAD, Ranking, mask_seen
from recsys.rerank.policy import Policy
from recsys.rerank.policy_ranker import PolicyRanker
from recsys.serving.bundle import Bundle
from recsys.serving.catalog import Catalog
from recsys.threads import one_thread

_BLOCK = 200  # learners whose scores are in memory at a time


class BatchRecommender:
    """A stored model and a policy for histories in the model's own indices; opened once per process."""

    def __init__(self, directory: Path, policy: Policy | None = None) -> None:
        """Raises ArtifactError when the artifact in `directory` cannot be served."""
        self.bundle = Bundle.open(directory)
        catalog = Catalog.of(self.bundle, self.bundle.items)
        self._catalog = catalog
        self._ranker = PolicyRanker(self.bundle.hybrid, policy or Policy())
        self._ranker.bind_catalog(catalog.traits, catalog.counts, catalog.recent, catalog.prerequisites)

    def slates(self, histories: Histories, k: int) -> tuple[Ranking, npt.NDArray[np.float32]]:
        """Items (their index in the model, -1 where a slate is shorter) and their scores, both (len(histories), k), best first by the
        policy; nothing a learner has a history with."""
        items = np.full((len(histories), k), PAD, np.int64)
        values = np.full((len(histories), k), np.nan, np.float32)
        with one_thread():
            for start in range(0, len(histories), _BLOCK):
                rows = slice(start, min(start + _BLOCK, len(histories)))
                block = histories.select(rows)
                scores = self._scores(block)
                items[rows] = self._ranker.rerank(mask_seen(scores, block), block, k)
                filled = items[rows] != PAD
                values[rows][filled] = np.take_along_axis(scores, np.where(filled, items[rows], 0), axis=1)[filled]
        return items, values

    def _scores(self, block: Histories) -> npt.NDArray[np.float32]:
        scores = self.bundle.hybrid.score(block)
        if len(self._catalog.new):
            for row in range(len(block)):
                scores[row] = self._catalog.extend_to_catalog(scores[row], block.row(row)[0])
        return scores
