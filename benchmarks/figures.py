"""Figures that several tables give, and how they are kept."""

import json
from pathlib import Path
from typing import Any

from recsys.evaluation.metrics import PerUser
from recsys.evaluation.significance import bootstrap_mean, paired_difference


def beside(ndcg: PerUser, against: PerUser, seed: int) -> dict[str, Any]:
    """Mean NDCG and what it is above that of `against`, the same learners in pairs, both with 95 % intervals."""
    own, gap = bootstrap_mean(ndcg, seed), paired_difference(ndcg, against, seed)
    return {"ndcg": own.mean, "ndcg_ci": [own.low, own.high], "difference": gap.mean, "difference_ci": [gap.low, gap.high]}


def write_json(path: Path, figures: Any) -> None:
    """Plain values as a file, in a folder that is made where it is missing: it is asked for before minutes of measuring."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1, allow_nan=False) + "\n", "utf-8")
