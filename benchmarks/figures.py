"""Figures that several tables give."""

from typing import Any

from recsys.evaluation.metrics import PerUser
from recsys.evaluation.significance import bootstrap_mean, paired_difference


def beside(ndcg: PerUser, against: PerUser, seed: int) -> dict[str, Any]:
    """Mean NDCG and what it is above that of `against`, the same learners in pairs, both with 95 % intervals."""
    own, gap = bootstrap_mean(ndcg, seed), paired_difference(ndcg, against, seed)
    return {"ndcg": own.mean, "ndcg_ci": [own.low, own.high], "difference": gap.mean, "difference_ci": [gap.low, gap.high]}
