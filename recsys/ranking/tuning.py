"""Validation cut out of the training data, and the choice of parameters on it.

Searches take the moment they must end (`until`, seconds of time.perf_counter): what is not decided by then keeps its default.
"""

import math
import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates import MODELS
from recsys.candidates.base import Model
from recsys.candidates.content import ContentModel
from recsys.candidates.directed import DirectedModel
from recsys.candidates.ease import EaseModel
from recsys.candidates.item_item import Dense, ItemItemModel, gram
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.splits import Split, leave_last, random_folds
from recsys.features.likeness import likeness
from recsys.ranking.softmax import Choices, fit_weights, likelihood
from recsys.ranking.topk import mask_seen

POWERS = (0.0, 0.4, 0.8, 1.2, 1.6)
PENALTIES = (20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
SIDES = (3.0, 10.0, 30.0, 100.0)
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
    return _enough([fold.sampled(sample, seed) for fold in folds if len(fold.test_rows)], sample // 2)


def _mean_length(dataset: Dataset) -> float:
    """Courses of interest per learner who took two or more."""
    lengths = np.diff(dataset.histories.matrix().indptr)
    several = lengths[lengths >= 2]
    return float(several.mean()) if len(several) else 0.0


def _enough(folds: list[Split], wanted: int) -> list[Split]:
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


def best_power(model: ItemItemModel, split: Split, powers: Sequence[float] = POWERS) -> float:
    """The power that ranks best; of equal ones the first. Needs no new fit."""
    scores = [ndcg_of(model.view(power), split) for power in powers]
    return float(powers[int(np.argmax(scores))])


def best_ease(split: Split, texts: sparse.csr_matrix | None = None, until: float = math.inf) -> EaseModel:
    """EASE fitted on `split.train` with the best power, at that power the best penalty, and at both the best weight of side
    information where `texts`, the vectors of the items (see ContentModel), are to be read.

    Quality has one maximum in λ, so the search walks from the default downhill and uphill until it falls: few solves.
    """
    normal = gram(split.train.histories.matrix())
    best = EaseModel().solve(normal)
    if time.perf_counter() >= until:
        return best
    best.power = best_power(best, split)
    score = ndcg_of(best, split)
    below = [EaseModel(p, best.power) for p in reversed(PENALTIES) if p < best.penalty]
    above = [EaseModel(p, best.power) for p in PENALTIES if p > best.penalty]
    for direction in (below, above):
        walked, score = _uphill(best, score, direction, normal, None, split, until)
        if walked is not best:
            best = walked
            break  # better on this side of the default, so not on the other
    if texts is not None and (alike := likeness(split.train.items, texts)).any():
        sided = [EaseModel(best.penalty, best.power, side) for side in SIDES]
        best, _ = _uphill(best, score, sided, normal, alike, split, until)
    return best


def _uphill(
    best: EaseModel, score: float, steps: Sequence[EaseModel], normal: Dense, alike: Dense | None, split: Split, until: float
) -> tuple[EaseModel, float]:
    """The last of `steps` that ranks better than the one before it, and its score; `best` when the first does not."""
    for model in steps:
        if time.perf_counter() >= until:
            break
        reached = ndcg_of(model.solve(normal, alike), split)
        if reached <= score:
            break
        best, score = model, reached
    return best, score


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
    worth = [sum(likelihood(other, fit_weights(one, penalty, free)) for one, other in (halves, halves[::-1])) for penalty in penalties]
    return float(penalties[int(np.argmax(worth))])


def tuned_sources(names: Sequence[str], dataset: Dataset, fold: Split | None, until: float = math.inf) -> dict[str, Model]:
    """Each source with the parameters that rank best on the fold, fitted on its training part; defaults without a fold."""
    sources = {name: MODELS[name]() for name in names}
    if fold is None:
        return sources
    content, texts = sources.get(ContentModel.name), None
    if isinstance(content, ContentModel):
        texts = content.fit(dataset).vectors_  # of items, not events: fitted once, it serves the folds and the end
    if EaseModel.name in sources:
        # Where content is left out of a blend, nobody else brings it in.
        sources[EaseModel.name] = best_ease(fold, texts, until)
    for name, source in sources.items():
        if name == EaseModel.name:
            continue
        if source is not content:
            source.fit(fold.train)
        # How fast a directed model's history fades is part of its training, the others' is free.
        if isinstance(source, ItemItemModel) and name != DirectedModel.name and time.perf_counter() < until:
            source.power = best_power(source, fold)
    return sources


def refitted(source: Model, dataset: Dataset, pairs: Dense | None = None) -> Model:
    """The source fitted on other data with the parameters it has; `pairs` is XᵀX of that data where it is known."""
    if isinstance(source, EaseModel):
        return source.again(gram(dataset.histories.matrix()) if pairs is None else pairs)
    if isinstance(source, ContentModel) and hasattr(source, "vectorizer_"):
        return source
    return type(source)(**source.params()).fit(dataset)
