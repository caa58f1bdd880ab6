"""Evaluation results: outcomes as a table for people and as JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.data.dataset import Dataset
from recsys.data.splits import Split
from recsys.evaluation import metrics
from recsys.evaluation.full_ranking import Outcome
from recsys.evaluation.metrics import Accuracy
from recsys.evaluation.significance import Interval, bootstrap_mean, paired_difference
from recsys.rerank.policy import Policy
from recsys.types import LEVELS, Item

ENSEMBLES = ("hybrid", "hybrid_policy", "hybrid_collaborative")
_DECIMALS = {"fit_seconds": 3, "score_us_per_user": 1, "score_us_single": 1, "peak_mb": 1}
_TABLE = ("ndcg", "recall", "precision", "hit", "mrr", "map", "coverage", "gini", "novelty", "niche_share", "distinct_topics")
_COSTS = ("fit_seconds", "score_us_per_user", "peak_mb")
_SHORT = {"niche_share": "niche", "distinct_topics": "topics", "fit_seconds": "fit_s", "score_us_per_user": "us/user"}


@dataclass(frozen=True)
class Report:
    """Everything an evaluation found; `differences` holds paired NDCG differences of the blend to each single model.

    `sections` holds what was asked for besides: "slices", "ablation", "ageing".
    """

    models: dict[str, dict[str, Any]]
    data: dict[str, Any]
    differences: dict[str, dict[str, Any]]
    sections: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """{"models": {name: metrics}, "data": {...}, "differences": {...}} and the sections."""
        return {"models": self.models, "data": self.data, "differences": self.differences, **self.sections}

    def to_json_text(self) -> str:
        """`to_json` as indented JSON text."""
        return json.dumps(self.to_json(), indent=1, allow_nan=False) + "\n"

    def table(self) -> str:
        """A fixed-width table of at most 160 columns, one line per model, best NDCG first; figures as in the JSON, some heads shorter."""
        return _format_table(self)


def build_report(outcomes: Sequence[Outcome], split: Split, k: int, seed: int, policy: Policy | None = None) -> Report:
    """Metrics of every outcome, intervals over users, and how far the blend is from each single model.

    Where items have levels, `level_mix` is compared with the target of `policy` (by default the default policy's).
    """
    topics = topic_matrix(split.train.items)
    levels = level_codes(split.train.items)
    wanted = level_target(policy or Policy())
    models = {o.name: {**_model_figures(o, split.train, topics, seed), **_level_mix_figures(o, levels, wanted)} for o in outcomes}
    data = _describe_data(split, k, seed)
    if (levels >= 0).any():
        data["level_target"] = _by_level(wanted)
    return Report(models, data, _differences(outcomes, seed))


def level_codes(items: Sequence[Item]) -> npt.NDArray[np.int8]:
    """Position in LEVELS of each item, -1 where it has none."""
    return np.array([LEVELS.index(i.level) if i.level in LEVELS else -1 for i in items], np.int8)


def level_target(policy: Policy) -> npt.NDArray[np.float64]:
    """The policy's level mix as shares over LEVELS; even where it names none."""
    wanted = np.array([policy.level_mix.get(level, 0.0) for level in LEVELS], np.float64)
    return wanted / wanted.sum() if wanted.sum() else np.full(len(LEVELS), 1 / len(LEVELS))


def _level_mix_figures(outcome: Outcome, levels: npt.NDArray[np.int8], wanted: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Level mix of all lists, its largest distance from the target over levels, and the mean distance of single lists."""
    mix = metrics.level_mix(outcome.ranking, levels)
    if mix is None:
        return {}
    lists = metrics.level_mix_distances_from_target(outcome.ranking, levels, wanted)
    gap = float(np.abs(mix - wanted).max())
    return {"level_mix": _by_level(mix), "level_gap": round(gap, 6), "level_distance": round(float(lists.mean()), 6)}


def _by_level(shares: npt.NDArray[np.float64]) -> dict[str, float]:
    return {level: round(float(share), 6) for level, share in zip(LEVELS, shares, strict=True)}


def topic_matrix(items: Sequence[Item]) -> sparse.csr_matrix:
    """Binary items × topics; an item without topics counts its tags instead."""
    labels = [i.topics or i.tags for i in items]
    names = {name: column for column, name in enumerate(sorted({t for row in labels for t in row}))}
    indptr = np.concatenate([[0], np.cumsum([len(set(row)) for row in labels])]).astype(np.int64)
    columns = np.array([names[t] for row in labels for t in sorted(set(row))], np.int64)
    data = np.ones(len(columns), np.float32)
    return sparse.csr_matrix((data, columns, indptr), shape=(len(items), len(names)))


def _model_figures(outcome: Outcome, train: Dataset, topics: sparse.csr_matrix, seed: int) -> dict[str, Any]:
    ranking, popularity = outcome.ranking, train.popularity
    values = {
        **outcome.accuracy.means(),
        "coverage": metrics.coverage(ranking, train.n_items),
        "gini": metrics.gini(ranking, train.n_items),
        "novelty": metrics.novelty(ranking, popularity, train.n_users),
        "niche_share": metrics.niche_share(ranking, popularity),
        "distinct_topics": metrics.mean_distinct_topics(ranking, topics),
        "fit_seconds": outcome.fit_seconds,
        "score_us_per_user": outcome.score_us_per_user,
        "score_us_single": outcome.score_us_single,
        "peak_mb": outcome.peak_mb,
    }
    rounded: dict[str, Any] = {name: round(value, _DECIMALS.get(name, 6)) for name, value in values.items()}
    for metric in fields(Accuracy):
        rounded[f"{metric.name}_ci"] = _bounds(bootstrap_mean(getattr(outcome.accuracy, metric.name), seed))
    return rounded


def _describe_data(split: Split, k: int, seed: int) -> dict[str, Any]:
    train = split.train
    cells = train.n_users * train.n_items
    events = len(train.histories.items)
    return {
        "n_users": train.n_users,
        "n_items": train.n_items,
        "n_interactions": events,
        "density": round(events / cells, 6) if cells else 0.0,
        "n_test_users": len(split.test_rows),
        "n_test_interactions": len(split.test.items) + int(split.unknown.sum()),
        "fingerprint": train.fingerprint,
        "k": k,
        "seed": seed,
    }


def _differences(outcomes: Sequence[Outcome], seed: int) -> dict[str, dict[str, Any]]:
    """Paired NDCG differences "blend - single" for each blend and single model that ran."""
    blends = [o for o in outcomes if o.name in ENSEMBLES]
    singles = [o for o in outcomes if o.name not in ENSEMBLES]
    differences = {}
    for blend in blends:
        best = max(singles, key=lambda o: float(o.accuracy.ndcg.mean()) if len(o.accuracy.ndcg) else 0.0, default=None)
        for single in singles:
            interval = paired_difference(blend.accuracy.ndcg, single.accuracy.ndcg, seed)
            differences[f"{blend.name} - {single.name}"] = {
                "ndcg": round(interval.mean, 6),
                "ci": _bounds(interval),
                "significant": interval.excludes_zero,
                "best_single": single is best,
            }
    return differences


def _bounds(interval: Interval) -> list[float]:
    return [round(interval.low, 6), round(interval.high, 6)]


def _format_table(report: Report) -> str:
    width = max([len("model"), *map(len, report.models)])
    heads = {column: f"{_SHORT.get(column, column):>7}" for column in (*_TABLE, *_COSTS)}
    lines = [" ".join([f"{'model':<{width}}", f"{'ndcg 95%':>15}", *heads.values()])]
    for name, row in sorted(report.models.items(), key=lambda pair: -pair[1]["ndcg"]):
        interval = "{:.4f}-{:.4f}".format(*row["ndcg_ci"])
        cells = (f"{row[column]:>{len(head)}.{1 if column in _COSTS else 4}f}" for column, head in heads.items())
        lines.append(" ".join([f"{name:<{width}}", f"{interval:>15}", *cells]))
    for name, row in report.differences.items():
        if row["best_single"]:
            low, high = row["ci"]
            lines.append(f"{name} (best single): {row['ndcg']:+.4f} NDCG, 95 % interval {low:+.4f} to {high:+.4f}")
    return "\n".join(lines)
