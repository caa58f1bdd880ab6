"""Held-out courses as choices from a pool, for the blend to learn from."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from recsys.candidates.base import Model
from recsys.data.histories import Histories
from recsys.data.splits import Split
from recsys.ranking.signals import SHAPES, Signal, length_basis, logged
from recsys.ranking.softmax import Choices

_BLOCK = 250
_LOG = SHAPES.index(logged)
Matrix = npt.NDArray[np.float32]


def choices_of(sources: Mapping[str, Model], signals: Sequence[Signal], split: Split, pool: int) -> Choices:
    """For every held-out course, the features of the `pool` best candidates of its learner and which one was taken.

    Features run over signals, SHAPES and `length_basis`, the last fastest. The pool is drawn by the plain sum of logged
    signals; a course outside of it teaches nothing about the order inside and is left out.
    """
    width = min(pool, split.train.n_items)
    parts = []
    for start in range(0, len(split.test_rows), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(split.test_rows)))
        histories = split.train.histories.select(split.test_rows[rows])
        parts.append(_block(sources, signals, histories, split.test.select(rows), width))
    return Choices.join(parts)


def _block(sources: Mapping[str, Model], signals: Sequence[Signal], histories: Histories, test: Histories, width: int) -> Choices:
    shapes = [matrix for signal in signals for matrix in signal.shapes(sources, histories)]
    rough = np.asarray(np.sum(shapes[_LOG :: len(SHAPES)], axis=0), np.float32)
    rough[histories.rows, histories.items] = -np.inf
    candidates = np.argpartition(-rough, width - 1, axis=1)[:, :width]
    here = np.arange(len(rough))[:, None]
    plain = np.stack([matrix[here, candidates] for matrix in shapes], axis=2)
    basis = length_basis(histories)[:, None, None, :]
    features = (plain[:, :, :, None] * basis).reshape(len(rough), width, -1)
    return _chosen(features, candidates, rough[here, candidates] > -np.inf, test)


def _chosen(features: Matrix, candidates: npt.NDArray[np.int64], free: npt.NDArray[np.bool_], test: Histories) -> Choices:
    """One choice per held-out course in the pool; the learner's other held-out courses cannot be the wrong answer to it."""
    row, place = np.nonzero(candidates[test.rows] == test.items[:, None])
    learner = test.rows[row]
    wanted = np.zeros(candidates.shape, bool)
    wanted[learner, place] = True
    usable = free[learner] & ~wanted[learner]
    usable[np.arange(len(place)), place] = True
    return Choices(features[learner], place.astype(np.int64), usable)
