"""Held-out courses as choices from a pool, for the blend to learn from."""

import numpy as np
import numpy.typing as npt

from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.largest import largest_of_rows
from recsys.data.splits import Split, has_clock
from recsys.ranking.signals import LOGGED, SHAPES, Views, interests, length_basis, shaped
from recsys.ranking.softmax import Choices

_BLOCK = 64
Matrix = npt.NDArray[np.float32]


def choices_of(views: Views, split: Split, pool: int) -> Choices:
    """For every held-out course, the features of the `pool` best candidates of its learner and which one was taken.

    Features run over signals, SHAPES and `length_basis`, the last fastest. The sources propose the pool together, by the
    plain sum of logged signals; a course outside of it teaches nothing about the order inside and is left out. All other
    candidates of the pool are the negatives: none is sampled. Where a course came next at a known moment, those published later
    are none: nobody turned them down, and a blend that learns they were not taken keeps new courses away from everybody.
    """
    width = min(pool, split.train.n_items)
    parts = []
    for start in range(0, len(split.test_rows), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(split.test_rows)))
        histories, test = split.train.histories.select(split.test_rows[rows]), split.test.select(rows)
        parts.append(_block(views, histories, test, _unpublished(split.train, test), width))
    return Choices.join(parts)


def _unpublished(train: Dataset, test: Histories) -> npt.NDArray[np.bool_]:
    """Which courses were published after the newest that is held out of each row, (rows, n_items); none where times tell nothing.

    A course that was taken before the date it bears was there.
    """
    if test.timestamps is None or not train.ordered or not has_clock(train):
        return np.zeros((len(test), train.n_items), bool)
    moments = np.full(len(test), np.nan)
    np.fmax.at(moments, test.rows, test.timestamps)
    later = train.published > moments[:, None]
    later[test.rows, test.items] = False
    return later


def _block(views: Views, histories: Histories, test: Histories, barred: npt.NDArray[np.bool_], width: int) -> Choices:
    shapes = shaped(views.raw(histories))
    rough = shapes[:, LOGGED :: len(SHAPES)].sum(axis=1)
    rough[histories.rows, histories.items] = -np.inf
    rough[barred] = -np.inf
    candidates = largest_of_rows(rough, width)
    here = np.arange(len(rough))[:, None]
    return _chosen(features_at(shapes, histories, candidates), candidates, rough[here, candidates] > -np.inf, test)


def features_at(shapes: Matrix, histories: Histories, candidates: npt.NDArray[np.int64]) -> Matrix:
    """Features of some items of each row, (rows, candidates, n_features), out of the shaped signals of all."""
    plain = np.take_along_axis(shapes, candidates[:, None, :], axis=2).transpose(0, 2, 1)
    return (plain[:, :, :, None] * length_basis(interests(histories))[:, None, None, :]).reshape(*candidates.shape, -1)


def _chosen(features: Matrix, candidates: npt.NDArray[np.int64], free: npt.NDArray[np.bool_], test: Histories) -> Choices:
    """One choice per held-out course in the pool; the learner's other held-out courses cannot be the wrong answer to it."""
    row, place = np.nonzero(candidates[test.rows] == test.items[:, None])
    learner = test.rows[row]
    wanted = np.zeros(candidates.shape, bool)
    wanted[learner, place] = True
    usable = free[learner] & ~wanted[learner]
    usable[np.arange(len(place)), place] = True
    return Choices(features[learner], place.astype(np.int64), usable)
