"""Validation folds cut out of the training data, and the choice of parameters on them.

Searches take the moment they must end (`until`, seconds of time.perf_counter): what is not decided by then keeps its default.
"""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.candidates import MODELS
from recsys.candidates.base import Model
from recsys.candidates.item_item_base import Dense
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.splits import Split, leave_last, random_folds
from recsys.ranking.softmax import Choices, fit_weights, mean_log_likelihood
from recsys.ranking.topk import mask_seen
from recsys.types import ReasonKind

_ROWS = 3_000  # learners a parameter is judged on; the grids are coarse, more rows would not change the choice
_BLOCK = 500
_FEW = 4.0  # courses a learner on average
_PARTS = 3


def validation_folds(dataset: Dataset, sample: int, seed: int, most: int = 4) -> list[Split]:
    """Splits of the training data to learn a blend from: enough of them for about `sample` / 2 held-out courses, none with more
    than `sample`.

    Where order means something, the newest course of every learner, then the newest but one, and so on; where it means
    nothing, disjoint random tenths: pretending that an arbitrary last row came last would teach the wrong thing. Courses are
    held out of everybody's history, as the future is: had only the learners who are tested lost theirs, the others would still
    tell what is taken now, and what remembers best would look better than it will be. Where learners took so few courses
    that this would leave nothing to learn from, each fold takes a third of them instead.
    """
    folds: list[Split] = []
    if not dataset.ordered:
        folds = random_folds(dataset, 0.1, most, seed)
    elif _mean_length(dataset) < _FEW:
        third = np.random.default_rng(seed).integers(_PARTS, size=dataset.n_users)
        folds = [leave_last(dataset, np.flatnonzero(third == part)) for part in range(_PARTS)]
    else:
        for _ in range(most):
            folds.append(leave_last(folds[-1].train if folds else dataset))
    return _first_folds_with_enough_events([fold.sampled(sample, seed) for fold in folds if len(fold.test_rows)], sample // 2)


def _mean_length(dataset: Dataset) -> float:
    """Courses of interest per learner who took two or more."""
    lengths = np.diff(dataset.histories.matrix().indptr)
    several = lengths[lengths >= 2]
    return float(several.mean()) if len(several) else 0.0


def _first_folds_with_enough_events(folds: list[Split], wanted: int) -> list[Split]:
    held = np.cumsum([len(fold.test.items) for fold in folds])
    return folds[: int(np.searchsorted(held, wanted)) + 1]


def ndcg_of(model: Model, split: Split, limit: int = _ROWS, k: int = 10) -> float:
    """Mean NDCG@k of a fitted model on the first rows of a split, in blocks that stay small in memory."""
    rows = np.linspace(0, len(split.test_rows) - 1, min(limit, len(split.test_rows))).astype(np.int64)
    gains = []
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        histories = split.train.histories.select(split.test_rows[part])
        scores = mask_seen(model.score(histories), histories)
        gains.append(_ndcg_rows(scores, split.test.select(part), k))
    return float(np.concatenate(gains).mean()) if gains else 0.0


def _ndcg_rows(scores: Dense, test: Histories, k: int) -> npt.NDArray[np.float64]:
    # Rank by counting what scores higher; ties count half, so that constant scores earn no luck.
    scored = scores[test.rows]
    own = scores[test.rows, test.items][:, None]
    rank = (scored > own).sum(axis=1) + ((scored == own).sum(axis=1) - 1) / 2
    gains = np.bincount(test.rows, weights=np.where(rank < k, 1 / np.log2(rank + 2), 0), minlength=len(test))
    ideal = np.concatenate([[0], np.cumsum(1 / np.log2(np.arange(k) + 2))])[np.minimum(np.diff(test.indptr), k)]
    return np.asarray(np.divide(gains, ideal, out=np.zeros(len(test)), where=ideal > 0), np.float64)


def best_penalty(
    choices: Choices, penalties: Sequence[float] = (3.0, 10.0, 30.0, 100.0), most: int = 800, until: float = math.inf
) -> float:
    """The ridge penalty of the blend under which one half of the choices makes the other most probable, both ways round.

    Choices beyond `most` a half are left out: with that many, penalties differ by less than their chance.
    """
    halves = [choices.take(np.arange(start, len(choices.chosen), 2)[:most]) for start in (0, 1)]
    if not all(len(half.chosen) for half in halves) or time.perf_counter() >= until:
        return penalties[len(penalties) // 2]
    free = np.full(choices.features.shape[2], -np.inf)
    turns = (halves, halves[::-1])
    worth = [sum(mean_log_likelihood(other, fit_weights(one, penalty, free)) for one, other in turns) for penalty in penalties]
    return float(penalties[int(np.argmax(worth))])


def tuned_sources(
    names: Sequence[str], fold: Split | None, until: float = math.inf, tuned: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Model]:
    """Each source with the parameters that rank best on the fold, or those of `tuned` (by source), fitted on its training part;
    unfitted with the latter or its defaults without a fold."""
    sources = {name: MODELS[name](**(tuned or {}).get(name, {})) for name in names}
    if fold is None:
        return sources
    if tuned is not None:
        return {name: source.fit(fold.train) for name, source in sources.items()}
    # Where the likeness of content is left out of a blend, nobody else brings it in.
    content = any(source.reason is ReasonKind.SIMILAR_CONTENT for source in sources.values())
    return {name: source.tune(fold.train, lambda m: ndcg_of(m, fold), content=content, until=until) for name, source in sources.items()}
