"""Training batches: histories as padded blocks with known and wanted courses. NumPy only."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from recsys.data.histories import Histories

Ints = npt.NDArray[np.int64]
_AHEAD = 5  # courses after the cut that count as next where order means something


class Feeding(Enum):
    """How a history becomes an example of training."""

    CUT = "cut"  # what comes before a random place is known, what comes after it is to be found
    SEQUENCE = "sequence"  # every course is to be found from those before it
    WHOLE = "whole"  # all courses are to be found, from who the learner is


@dataclass(frozen=True)
class Batch:
    """B learners: `known` (B, L) item indices, oldest first, filled up with n_items behind `lengths` (B,); `wanted` (B, T) items
    to find, -1 where none; `rows` (B,) of the learners in the training data."""

    known: Ints
    lengths: Ints
    wanted: Ints
    rows: Ints


def deduplicated_positive_histories(histories: Histories) -> Histories:
    """Positive events only, each item once, where it was met last."""
    return histories.keep(histories.values() > 0)


def pad(histories: Histories, limit: int) -> tuple[Ints, Ints]:
    """The newest `limit` events of each row as (rows, longest), filled up at the end with n_items, and their numbers (rows,)."""
    lengths = np.minimum(np.diff(histories.indptr), limit)
    place = np.arange(max(int(lengths.max(initial=0)), 1))
    real = place < lengths[:, None]
    block = np.full(real.shape, histories.n_items, np.int64)
    block[real] = histories.items[((histories.indptr[1:] - lengths)[:, None] + place)[real]]
    return block, lengths


def epoch_batches(
    histories: Histories, feeding: Feeding, ordered: bool, limit: int, size: int, rng: np.random.Generator
) -> Iterator[Batch]:
    """All learners with a history once, in random order, `size` at a time.

    Where order means nothing each pass sees every history in another random one.
    """
    for part in _length_buckets(np.diff(histories.indptr), limit, size, rng):
        block, lengths = pad(histories.select(part), limit)
        if not ordered:
            block = _shuffle_within_rows(block, lengths, rng)
        if feeding is Feeding.CUT:
            yield _split_histories_at_random(block, lengths, part, histories.n_items, ordered, rng)
        else:
            yield Batch(block, lengths, np.where(block < histories.n_items, block, -1), part)


def _length_buckets(lengths: Ints, limit: int, size: int, rng: np.random.Generator) -> list[Ints]:
    """Rows with a history in random batches of about equal lengths: of 32 batches at a time the rows are sorted. Without it
    most of a block is filling, and a pass takes twice as long."""
    rows = rng.permutation(np.flatnonzero(lengths))
    batches = []
    for start in range(0, len(rows), 32 * size):
        part = rows[start : start + 32 * size]
        part = part[np.argsort(np.minimum(lengths[part], limit), kind="stable")]
        batches += [part[place : place + size] for place in range(0, len(part), size)]
    return [batches[place] for place in rng.permutation(len(batches))]


def _shuffle_within_rows(block: Ints, lengths: Ints, rng: np.random.Generator) -> Ints:
    keys = rng.random(block.shape)
    keys[np.arange(block.shape[1]) >= lengths[:, None]] = 2.0  # what is not there stays at the end
    return np.asarray(np.take_along_axis(block, np.argsort(keys, axis=1), axis=1), np.int64)


def _split_histories_at_random(block: Ints, lengths: Ints, rows: Ints, n_items: int, ordered: bool, rng: np.random.Generator) -> Batch:
    # The root favors late cuts: at scoring time histories are whole.
    cut = np.floor(lengths * np.sqrt(rng.random(len(lengths)))).astype(np.int64)
    place = np.arange(block.shape[1])
    end = np.minimum(lengths, cut + _AHEAD) if ordered else lengths
    known = np.where(place < cut[:, None], block, n_items)
    wanted = np.where((place >= cut[:, None]) & (place < end[:, None]), block, -1)
    return Batch(known[:, : max(int(cut.max()), 1)], cut, wanted, rows)
