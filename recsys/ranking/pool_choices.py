"""Training choices: held-out courses as choices from a pool of candidates."""

import numpy as np
import numpy.typing as npt

from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.splits import Split, has_clock
from recsys.data.top_values import largest_indices_per_row
from recsys.ranking.signals import LOGGED, SHAPES, SignalViews, length_basis, positive_events_per_learner, signal_features
from recsys.ranking.softmax import Choices

_BLOCK = 64
Matrix = npt.NDArray[np.float32]


def choices_of(views: SignalViews, split: Split, pool: int) -> Choices:
    """Pool choices: for every held-out course the features of the `pool` best candidates of its learner and which one was taken.

    Features run over signals, SHAPES and `length_basis`, the last fastest. The sources propose the pool together, by the
    plain sum of logged signals; a course outside of it teaches nothing about the order inside and is left out. All other
    candidates of the pool are the negatives: none is sampled. Where a course came next at a known moment, those published later
    are none: nobody turned them down, and a blend that learns they were not taken keeps new courses away from everybody.
    """
    width, published = min(pool, split.train.n_items), publication_times(split.train)
    parts = []
    for start in range(0, len(split.test_rows), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(split.test_rows)))
        histories, test = split.train.histories.select(split.test_rows[rows]), split.test.select(rows)
        shapes, candidates, free = candidate_pool(views, histories, unpublished(published, test), width)
        parts.append(held_out_choices(candidate_features(shapes, histories, candidates), candidates, free, test))
    return Choices.join(parts)


def publication_times(train: Dataset) -> npt.NDArray[np.float64]:
    """When each course was published, (n_items,), where that tells what a learner could have taken next; NaN where it does not."""
    return train.published_at if train.ordered and has_clock(train) else np.full(train.n_items, np.nan)


def unpublished(published: npt.NDArray[np.float64], test: Histories) -> npt.NDArray[np.bool_]:
    """Which courses were published after the newest that is held out of each row, (rows, n_items). One that was taken before the
    date it bears was there."""
    moments = np.full(len(test), np.nan)
    if test.timestamps is not None:
        np.fmax.at(moments, test.rows, test.timestamps)
    later = published > moments[:, None]
    later[test.rows, test.items] = False
    return later


def candidate_pool(
    views: SignalViews, histories: Histories, barred: npt.NDArray[np.bool_], width: int
) -> tuple[Matrix, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The shaped signals of all items for each row, the `width` best candidates (rows, width), and which of these may be taken:
    what is in the history or `barred` (rows, n_items) stands last and may not."""
    shapes = signal_features(views.raw(histories))
    rough = shapes[:, LOGGED :: len(SHAPES)].sum(axis=1)
    rough[histories.rows, histories.items] = -np.inf
    rough[barred] = -np.inf
    candidates = largest_indices_per_row(rough, width)
    return shapes, candidates, np.take_along_axis(rough, candidates, axis=1) > -np.inf


def candidate_features(shapes: Matrix, histories: Histories, candidates: npt.NDArray[np.int64]) -> Matrix:
    """Features of some items of each row, (rows, candidates, n_features), out of the shaped signals of all."""
    plain = np.take_along_axis(shapes, candidates[:, None, :], axis=2).transpose(0, 2, 1)
    return (plain[:, :, :, None] * length_basis(positive_events_per_learner(histories))[:, None, None, :]).reshape(*candidates.shape, -1)


def held_out_choices(features: Matrix, candidates: npt.NDArray[np.int64], free: npt.NDArray[np.bool_], test: Histories) -> Choices:
    """One choice per held-out course in the pool; the learner's other held-out courses cannot be the wrong answer to it."""
    row, place = np.nonzero(candidates[test.rows] == test.items[:, None])
    learner = test.rows[row]
    wanted = np.zeros(candidates.shape, bool)
    wanted[learner, place] = True
    usable = free[learner] & ~wanted[learner]
    usable[np.arange(len(place)), place] = True
    return Choices(features[learner], place.astype(np.int64), usable)
