"""Ranking metrics per learner and list metrics over all of them.

A ranking is an int array of shape (n_users, k) of item indices, best first, padded with -1. Relevance is binary.
Every accuracy metric returns one value per user, so that differences between models can be paired.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.data.histories import Histories
from recsys.ranking.topk import PAD, Ranking
from recsys.rerank.niche_items import niche_items
from recsys.types import LEVELS

PerUser = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Accuracy:
    """Metrics at k, each of shape (n_users,); users without test items are not part of it."""

    ndcg: PerUser
    recall: PerUser
    precision: PerUser
    hit: PerUser
    mrr: PerUser
    map: PerUser

    def means(self) -> dict[str, float]:
        """The mean of each metric over users; 0 when there are none."""
        return {f.name: _mean(getattr(self, f.name)) for f in fields(self)}


def relevance(ranking: Ranking, test: Histories) -> npt.NDArray[np.bool_]:
    """Hits of shape (n_users, k): is the ranked item among the user's test items?"""
    held = test.matrix()
    padded = ranking == PAD
    rows = np.repeat(np.arange(len(ranking)), ranking.shape[1])
    hits = np.asarray(held[rows, np.where(padded, 0, ranking).ravel()]).reshape(ranking.shape) > 0
    return np.asarray(hits & ~padded, dtype=np.bool_)


def accuracy(ranking: Ranking, test: Histories, k: int, unknown: npt.NDArray[np.int64] | None = None) -> Accuracy:
    """All accuracy metrics of `ranking` cut at `k` (a shorter ranking counts as if padded).

    `unknown` (n_users,) counts further test items that nobody could rank; they are misses. NDCG: Järvelin & Kekäläinen
    2002, the ideal stops at min(test items, k). Recall is hits / distinct test items. Average precision is divided by min(test items, k).
    """
    if len(ranking) != len(test):
        raise ValueError(f"{len(ranking)} rankings for {len(test)} users")
    hits = relevance(ranking[:, :k], test).astype(np.float64)
    sizes = np.diff(test.matrix().indptr).astype(np.float64) + (0 if unknown is None else unknown)
    ideal = np.minimum(sizes, k).astype(np.int64)
    depth = hits.shape[1]
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    ideal_dcg = np.concatenate([[0.0], np.cumsum(discounts)])[ideal]
    n_hits = hits.sum(axis=1)
    precision_at = np.cumsum(hits, axis=1) / np.arange(1, depth + 1)
    reciprocal = (hits / np.arange(1, depth + 1)).max(axis=1, initial=0.0)
    return Accuracy(
        ndcg=_ratio(hits @ discounts[:depth], ideal_dcg),
        recall=_ratio(n_hits, sizes),
        precision=n_hits / k,
        hit=(n_hits > 0).astype(np.float64),
        mrr=reciprocal,
        map=_ratio((hits * precision_at).sum(axis=1), ideal.astype(np.float64)),
    )


def coverage(ranking: Ranking, n_items: int) -> float:
    """Share of the catalog that is recommended to anyone."""
    return float(np.count_nonzero(_exposure(ranking, n_items))) / n_items if n_items else 0.0


def gini(ranking: Ranking, n_items: int) -> float:
    """Gini coefficient of how often items are recommended: 0 all alike, towards 1 a few take all."""
    counts = np.sort(_exposure(ranking, n_items)).astype(np.float64)
    total = counts.sum()
    if total == 0:
        return 0.0
    places = np.arange(1, n_items + 1)
    return float((2 * places - n_items - 1) @ counts / (n_items * total))


def novelty(ranking: Ranking, popularity: npt.NDArray[np.int64], n_users: int) -> float:
    """Mean self-information -log2 P(item) in bits of recommended items (Zhou et al. 2010), add-one smoothed."""
    probability = (popularity + 1.0) / (n_users + 1.0)
    shown = ranking[ranking != PAD]
    return _mean(-np.log2(np.minimum(probability[shown], 1.0)))


def niche_share(ranking: Ranking, popularity: npt.NDArray[np.int64]) -> float:
    """Share of recommended places that go to niche items."""
    return _mean(niche_items(popularity)[ranking[ranking != PAD]])


def mean_distinct_topics(ranking: Ranking, topics: sparse.csr_matrix) -> float:
    """Mean number of different topics in a user's list; `topics` is binary, (n_items, n_topics)."""
    if topics.shape[1] == 0 or not len(ranking):
        return 0.0
    valid = ranking != PAD
    rows = np.repeat(np.arange(len(ranking)), valid.sum(axis=1))
    shape = (len(ranking), topics.shape[0])
    lists = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, ranking[valid])), shape=shape)
    return _mean(np.diff((lists @ topics).indptr))


def level_mix(ranking: Ranking, levels: npt.NDArray[np.int8]) -> PerUser | None:
    """Share of each level of LEVELS among recommended places whose item has one, (len(LEVELS),); None where none has.

    `levels` (n_items,) holds positions in LEVELS, -1 for an item without a level.
    """
    shown = levels[ranking[ranking != PAD]]
    counts = np.bincount(shown[shown >= 0], minlength=len(LEVELS)).astype(np.float64)
    return counts / counts.sum() if counts.sum() else None


def level_mix_distances_from_target(ranking: Ranking, levels: npt.NDArray[np.int8], target: PerUser) -> PerUser:
    """Total variation distance of each list's level mix from `target` (shares over LEVELS): 0 as wanted, 1 nothing in common.

    One value per list that holds an item with a level. Short lists cannot hit a mix exactly: that sets the floor.
    """
    known = np.where(ranking == PAD, np.int8(-1), levels[np.where(ranking == PAD, 0, ranking)])
    counts = np.stack([(known == level).sum(axis=1) for level in range(len(LEVELS))], axis=1).astype(np.float64)
    counts = counts[counts.sum(axis=1) > 0]
    return np.asarray(np.abs(counts / counts.sum(axis=1, keepdims=True) - target).sum(axis=1) / 2, np.float64)


def _exposure(ranking: Ranking, n_items: int) -> npt.NDArray[np.int64]:
    return np.bincount(ranking[ranking != PAD], minlength=n_items)


def _ratio(numerator: PerUser, denominator: PerUser) -> PerUser:
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)


def _mean(values: npt.NDArray[np.floating] | npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
