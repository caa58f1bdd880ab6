"""Slate metrics: variety, distance from a target mix of levels, and NDCG lost to re-ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.data.dataset import Dataset
from recsys.evaluation import metrics
from recsys.evaluation.results import level_codes, topic_matrix
from recsys.evaluation.significance import Interval, percentile_bounds, resampled_means
from recsys.ranking.topk import PAD, Ranking
from recsys.rerank.exposure_floor import items_of_small_creators
from recsys.rerank.item_traits import Traits
from recsys.types import LEVELS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SlateTraits:
    """Traits of items that slates are measured by: `topics` binary (n_items, n_topics), `levels` index into LEVELS or -1,
    `popularity` learners, `small` marks courses of small creators, `new` new ones; all (n_items,)."""

    topics: sparse.csr_matrix
    levels: npt.NDArray[np.int8]
    popularity: npt.NDArray[np.int64]
    small: npt.NDArray[np.bool_]
    new: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, train: Dataset, small_share: float, new: npt.NDArray[np.bool_]) -> "SlateTraits":
        """Traits of the items of `train`; creators are small by their enrollments there."""
        traits = Traits.of(train.items, np.zeros(train.n_items, np.bool_))
        small = items_of_small_creators(traits.creators, train.popularity, small_share)
        return cls(topic_matrix(train.items), level_codes(train.items), train.popularity, small, new)

    def measure(self, ranking: Ranking, targets: Floats) -> dict[str, Any]:
        """Figures of slates (n_learners, k) whose learners have the level shares `targets` (n_learners, 3) as their aim.

        Shares are of all places. `level_gap` and `level_gap_learner` are in points (hundredths), see `overall_and_mean_level_deviation`.
        """
        shown = ranking[ranking != PAD]
        gap, each = overall_and_mean_level_deviation(ranking, self.levels, targets)
        mix = metrics.level_mix(ranking, self.levels)
        return {
            "niche_share": metrics.niche_share(ranking, self.popularity),
            "level_mix": None if mix is None else dict(zip(LEVELS, (float(share) for share in mix), strict=True)),
            "level_gap": gap,
            "level_gap_learner": each,
            "distinct_topics": metrics.mean_distinct_topics(ranking, self.topics),
            "gini": metrics.gini(ranking, len(self.popularity)),
            "coverage": metrics.coverage(ranking, len(self.popularity)),
            "small_creators": float(self.small[shown].mean()) if len(shown) else 0.0,
            "new_or_small": float((self.small | self.new)[shown].mean()) if len(shown) else 0.0,
        }


def overall_and_mean_level_deviation(ranking: Ranking, levels: npt.NDArray[np.int8], targets: Floats) -> tuple[float | None, float | None]:
    """Largest difference of a level's share from its target, in points: of all places together, and the mean over learners.

    Places whose item has no level count neither way; the common target is the mean over places. None where no item has one.
    """
    counts = _level_counts(ranking, levels)
    sizes = counts.sum(axis=1)
    if not sizes.any():
        return None, None
    together = np.abs(counts.sum(axis=0) / sizes.sum() - sizes @ targets / sizes.sum()).max()
    some = sizes > 0
    each = np.abs(counts[some] / sizes[some, None] - targets[some]).max(axis=1).mean()
    return float(100 * together), float(100 * each)


def _level_counts(ranking: Ranking, levels: npt.NDArray[np.int8]) -> Floats:
    known = np.where(ranking == PAD, np.int8(-1), levels[np.where(ranking == PAD, 0, ranking)])
    return np.stack([(known == level).sum(axis=1) for level in range(len(LEVELS))], axis=1).astype(np.float64)


def topics_over_time(rankings: Sequence[Ranking], topics: sparse.csr_matrix) -> npt.NDArray[np.int64]:
    """Different topics each learner meets in all of their slates together, shape (n_learners,); row r of each is one learner."""
    slates = np.concatenate(rankings, axis=1)
    valid = slates != PAD
    rows = np.repeat(np.arange(len(slates)), valid.sum(axis=1))
    met = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, slates[valid])), shape=(len(slates), topics.shape[0]))
    return np.asarray(np.diff((met @ topics).indptr), np.int64)


def relative_loss(ndcg: Floats, before: Floats, seed: int) -> Interval:
    """Share of mean NDCG that re-ranking loses (negative: gains), paired bootstrap over learners (n_learners,) each."""
    if len(ndcg) == 0 or before.mean() == 0:
        return Interval(0.0, 0.0, 0.0)
    means = resampled_means(np.stack([ndcg, before], axis=1), seed)
    low, high = percentile_bounds(1 - means[:, :1] / np.maximum(means[:, 1:], 1e-12))[:, 0]
    return Interval(float(1 - ndcg.mean() / before.mean()), float(low), float(high))
