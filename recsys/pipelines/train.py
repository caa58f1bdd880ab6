"""From tables to a stored recommender."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from recsys.candidates.popularity import PopularityModel
from recsys.data.dataset import Dataset
from recsys.data.splits import leave_last, random_holdout
from recsys.errors import DataError
from recsys.evaluation.protocols import FullRanking, evaluate_ranker
from recsys.evaluation.report import build_report
from recsys.pipelines.evaluate import HYBRID, Progress, silent
from recsys.ranking.blend import HybridModel
from recsys.registry.manifest import Manifest
from recsys.registry.store import write_artifact
from recsys.serving.bundle import bundle_writer
from recsys.types import Item

_SAMPLED_USERS = 5_000
_K = 10


def train(
    interactions: pd.DataFrame,
    items: pd.DataFrame | Sequence[Item] | None,
    out_dir: Path,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    evaluate: bool = True,
) -> Path:
    """Check the data, measure the blend on held-out courses, fit it on everything and store it under `out_dir`.

    Returns the artifact's directory. `progress` hears (share done, what is done now). Raises DataError on unusable data;
    nothing is left behind on any error.
    """
    tell = progress or silent
    started = perf_counter()
    tell(0.0, "checking the data")
    dataset = Dataset.from_frames(interactions, items)
    if dataset.n_items == 0:
        raise DataError("There is nothing to recommend: neither interactions nor items hold a course")
    metrics: Mapping[str, Any] = {}
    if evaluate:
        tell(0.05, "measuring on held-out courses")
        metrics = measure(dataset, seed)
    tell(0.5, "fitting on everything")
    hybrid = HybridModel(seed=seed).fit(dataset)
    tell(0.9, "writing")
    manifest = _manifest(hybrid, dataset, metrics, seed, perf_counter() - started)
    artifact = write_artifact(out_dir, manifest, bundle_writer(hybrid, dataset))
    tell(1.0, "done")
    return artifact.directory


def measure(dataset: Dataset, seed: int, max_users: int = _SAMPLED_USERS) -> dict[str, Any]:
    """Quick held-out metrics of the blend and of popularity on up to `max_users` learners; {} when nothing can be held out.

    The newest course of each is held out where the order of the data means something, a random fifth otherwise.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(dataset.n_users)[:max_users]).astype(np.int64)
    split = leave_last(dataset, rows) if dataset.ordered else random_holdout(dataset, seed=seed, rows=rows)
    if not len(split.test_rows):
        return {}
    outcomes = [
        evaluate_ranker(HYBRID, FullRanking(HybridModel(seed=seed)), split, _K),
        evaluate_ranker(PopularityModel.name, FullRanking(PopularityModel()), split, _K),
    ]
    report = build_report(outcomes, split, _K, seed)
    return {**report.to_json(), "split": _split_name(dataset)}


def _split_name(dataset: Dataset) -> str:
    return "leave-last" if dataset.ordered else "random"


def _manifest(hybrid: HybridModel, dataset: Dataset, metrics: Mapping[str, Any], seed: int, seconds: float) -> Manifest:
    return Manifest(
        model=hybrid.name,
        params=hybrid.params(),
        created_at=datetime.now(UTC).isoformat(),
        data={
            "fingerprint": dataset.fingerprint,
            "n_users": dataset.n_users,
            "n_items": dataset.n_items,
            "n_interactions": len(dataset.histories.items),
        },
        metrics=metrics,
        training={"seed": seed, "seconds": round(seconds, 3)},
    )
