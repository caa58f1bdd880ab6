"""Recommendations for everybody in a file of histories, by several processes."""

import csv
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.evaluation.atomic_writes import atomic_file
from recsys.progress_steps import Progress, StepCode, no_progress
from recsys.ranking.topk import PAD, Ranking
from recsys.rerank.policy import Policy
from recsys.serving.batch import BatchRecommender
from recsys.types import Statement

HEADER = ("user_id", "rank", "item_id", "score")
_CHUNK = 2_000  # learners a process is given at a time
_recommender: BatchRecommender  # of a worker process


@dataclass(frozen=True, slots=True)
class HistoryCounts:
    """What a file asked for: learners, rows (repeated ones count once), those of courses the model does not know, and the learners
    of whom nothing else was told."""

    learners: int
    rows: int
    unknown_rows: int
    unknown_learners: int


def write_recommendations(
    artifact: Path,
    interactions: pd.DataFrame,
    out: Path,
    *,
    k: int = 10,
    workers: int | None = None,
    policy: Policy | None = None,
    progress: Progress = no_progress,
) -> HistoryCounts:
    """Write `user_id, rank, item_id, score` for every learner of `interactions` (columns as for training) and return what was
    asked for.

    Courses the model does not know are left out of the histories; a learner of whom nothing is left gets what is popular.
    `workers` processes share the work (default: one per processor). The file appears when it is complete. Raises DataError on
    unusable data and ArtifactError when the artifact cannot be served.
    """
    recommender = BatchRecommender(artifact, policy)
    dataset = Dataset.from_frames(interactions)
    user_ids, histories = dataset.user_ids, _histories_in_model_indices(dataset, recommender)
    item_ids = [item.item_id for item in recommender.bundle.items]
    with atomic_file(out, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        done = 0
        for ranking, scores in _slates(artifact, policy, recommender, histories, k, workers or os.cpu_count() or 1):
            writer.writerows(_rows(user_ids[done : done + len(ranking)], item_ids, ranking, scores))
            done += len(ranking)
            progress(done / len(user_ids), Statement(StepCode.RECOMMENDED, {"done": done, "learners": len(user_ids)}))
    unknown = len(dataset.histories.items) - len(histories.items)
    return HistoryCounts(len(user_ids), len(dataset.histories.items), unknown, int(np.sum(np.diff(histories.indptr) == 0)))


def _histories_in_model_indices(dataset: Dataset, recommender: BatchRecommender) -> Histories:
    """Histories in the indices of the model, without what it does not know."""
    positions = recommender.bundle.positions
    index = np.array([positions.get(item.item_id, -1) for item in dataset.items], np.int32)
    known = dataset.histories.keep(index[dataset.histories.items] >= 0)
    return Histories(known.indptr, index[known.items], known.weights, len(positions), known.timestamps)


def _slates(
    artifact: Path, policy: Policy | None, recommender: BatchRecommender, histories: Histories, k: int, workers: int
) -> Iterator[tuple[Ranking, npt.NDArray[np.float32]]]:
    """Slates chunk by chunk, in order. Few learners are not worth the start of a process."""
    chunks = [histories.select(slice(start, start + _CHUNK)) for start in range(0, len(histories), _CHUNK)]
    workers = min(workers, len(chunks))
    if workers <= 1:
        yield from (recommender.slates(chunk, k) for chunk in chunks)
        return
    context = multiprocessing.get_context("spawn")  # not forked: threads of BLAS do not survive that
    with ProcessPoolExecutor(workers, context, _init_worker, (artifact, policy)) as pool:
        yield from pool.map(_recommend_chunk, chunks, [k] * len(chunks))


def _init_worker(artifact: Path, policy: Policy | None) -> None:
    global _recommender
    _recommender = BatchRecommender(artifact, policy)


def _recommend_chunk(chunk: Histories, k: int) -> tuple[Ranking, npt.NDArray[np.float32]]:
    return _recommender.slates(chunk, k)


def _rows(
    user_ids: tuple[str, ...], item_ids: list[str], ranking: Ranking, scores: npt.NDArray[np.float32]
) -> Iterator[tuple[object, ...]]:
    for user_id, row, values in zip(user_ids, ranking.tolist(), scores.tolist(), strict=True):
        for rank, (item, value) in enumerate(zip(row, values, strict=True), start=1):
            if item != PAD:
                yield user_id, rank, item_ids[item], f"{value:.6g}"
