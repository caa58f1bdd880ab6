"""Full-ranking protocol: every item competes, what the learner has in train is masked, nothing is sampled."""

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.splits import Split
from recsys.evaluation.metrics import Accuracy, accuracy
from recsys.evaluation.peak_memory import PeakMemory
from recsys.ranking.topk import Ranking, mask_seen, top_k
from recsys.threads import one_thread

_BATCH_BYTES = 64 << 20
_SINGLES = 200


class Ranker(Protocol):
    """Anything that orders items for learners."""

    def fit(self, dataset: Dataset) -> object:
        """Learn from `dataset`."""

    def rank(self, histories: Histories, k: int) -> Ranking:
        """The best k unseen items per row, padded with -1; shape (len(histories), k)."""


@dataclass(frozen=True)
class Outcome:
    """One ranker measured on one split. Times: seconds for the fit, microseconds per learner in batches and one at a time;
    `peak_mb` is the largest resident size of the process during fit and ranking."""

    name: str
    accuracy: Accuracy
    ranking: Ranking
    fit_seconds: float
    score_us_per_user: float
    score_us_single: float
    peak_mb: float


class FullRanking:
    """A model as a ranker: scores, masks, takes the best k."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def fit(self, dataset: Dataset) -> "FullRanking":
        """Fit the model."""
        self.model.fit(dataset)
        return self

    def rank(self, histories: Histories, k: int) -> Ranking:
        """See Ranker."""
        return top_k(mask_seen(self.model.score(histories), histories), k)


def evaluate_ranker(name: str, ranker: Ranker, split: Split, k: int) -> Outcome:
    """Fit on `split.train`, rank for its test users in batches, and measure."""
    histories = split.train.histories.select(split.test_rows)
    with PeakMemory() as memory:
        started = time.perf_counter()
        ranker.fit(split.train)
        fit_seconds = time.perf_counter() - started
        ranker.rank(histories.select(slice(0, 1)), k)  # what is compiled or read at first use is no part of a learner's time
        started = time.perf_counter()
        ranking = top_k_in_batches(ranker, histories, k)
        elapsed = time.perf_counter() - started
    return Outcome(
        name=name,
        accuracy=accuracy(ranking, split.test, k, split.unknown),
        ranking=ranking,
        fit_seconds=fit_seconds,
        score_us_per_user=elapsed / max(len(histories), 1) * 1e6,
        score_us_single=_single_microseconds(ranker, histories, k),
        peak_mb=memory.peak_mb,
    )


def top_k_in_batches(ranker: Ranker, histories: Histories, k: int) -> Ranking:
    """Rankings of all rows; batches are sized so that a score matrix stays within 64 MB."""
    size = max(1, _BATCH_BYTES // (4 * max(histories.n_items, 1)))
    starts = range(0, len(histories), size)
    parts = [ranker.rank(histories.select(slice(s, s + size)), k) for s in starts]
    return np.concatenate(parts) if parts else np.empty((0, k), np.int64)


def _single_microseconds(ranker: Ranker, histories: Histories, k: int) -> float:
    """Median time of a ranking for one learner, as a page would ask for it."""
    count = min(_SINGLES, len(histories))
    times = []
    with one_thread():  # a web worker has one core; thread start-up would dominate a row this small
        for row in range(count):
            single = histories.select(slice(row, row + 1))
            started = time.perf_counter()
            ranker.rank(single, k)
            times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1e6 if times else 0.0
