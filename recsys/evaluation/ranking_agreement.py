"""Ranking agreement: overlap, rank-biased overlap and Kendall's tau of two models' lists.

Rankings are int arrays of shape (n_users, k), best first, padded with -1, over the same item indices.
Every function returns one value per user.
"""

import numpy as np
import numpy.typing as npt

from recsys.ranking.topk import PAD, Ranking

PerUser = npt.NDArray[np.float64]


def overlap_at(first: Ranking, second: Ranking, k: int) -> PerUser:
    """Share of the two lists of `k` that they have in common, of the longer one; 1 where both are empty."""
    agreement: PerUser = _overlap_at_each_depth(*_cut(first, second, k))[:, -1]
    return agreement


def rank_biased_overlap(first: Ranking, second: Ranking, p: float = 0.9) -> PerUser:
    """RBO_ext of Webber, Moffat & Zobel (2010), equation 32, of two prefixes of one depth; between 0 and 1.

    `p` is how likely a reader goes on to the next place: at .9 the first ten places carry 86 % of the weight. The agreement
    at the last common depth is taken to hold on below it. A list that ends early counts as disagreeing where the other goes on.
    """
    if not 0 < p < 1:
        raise ValueError(f"p must lie between 0 and 1, not {p}")
    agreement = _overlap_at_each_depth(*_cut(first, second, max(first.shape[1], second.shape[1], 1)))
    depth = agreement.shape[1]
    places = np.arange(1, depth + 1)
    return np.asarray(agreement[:, -1] * p**depth + (1 - p) / p * (agreement @ p**places), np.float64)


def kendall_tau(first: Ranking, second: Ranking) -> PerUser:
    """Kendall's τ over the items both lists hold: 1 the same order, -1 the reverse; NaN with fewer than two in common.

    Says nothing about items that only one list holds; see `overlap_at` for those.
    """
    _same_users(first, second)
    taus = np.full(len(first), np.nan)
    for row, (left, right) in enumerate(zip(first, second, strict=True)):
        left = left[left != PAD]
        where = {int(item): place for place, item in enumerate(right) if item != PAD}
        places = np.array([where[int(item)] for item in left if int(item) in where])
        if len(places) >= 2:
            ahead = np.triu(np.sign(places[None, :] - places[:, None]), 1)
            taus[row] = ahead.sum() / (len(places) * (len(places) - 1) / 2)
    return taus


def _same_users(first: Ranking, second: Ranking) -> None:
    if len(first) != len(second):
        raise ValueError(f"rankings of {len(first)} and {len(second)} users cannot be compared")


def _cut(first: Ranking, second: Ranking, k: int) -> tuple[Ranking, Ranking]:
    """Both lists as exactly `k` columns, padded where they are shorter."""
    _same_users(first, second)
    wide = [np.full((len(ranking), k), PAD, np.int64) for ranking in (first, second)]
    for target, ranking in zip(wide, (first, second), strict=True):
        target[:, : ranking.shape[1]] = ranking[:, :k]
    return wide[0], wide[1]


def _overlap_at_each_depth(first: Ranking, second: Ranking) -> PerUser:
    """Agreement at each depth d, (n_users, k): items common to both prefixes over the longer prefix; 1 where both are empty."""
    depth = first.shape[1]
    same = (first[:, :, None] == second[:, None, :]) & (first[:, :, None] != PAD)
    # A pair at places (i, j) is common from depth max(i, j) on.
    later = np.maximum(np.arange(depth)[:, None], np.arange(depth)[None, :])
    arrived = np.stack([(same & (later == d)).sum(axis=(1, 2)) for d in range(depth)], axis=1)
    longer = np.maximum(np.cumsum(first != PAD, axis=1), np.cumsum(second != PAD, axis=1))
    share: PerUser = np.divide(np.cumsum(arrived, axis=1), longer, out=np.ones(longer.shape, np.float64), where=longer > 0)
    return share
