"""Exposure floor: who counts as a small creator, and how many places of a slate are kept for small and new."""

import zlib

import numpy as np
import numpy.typing as npt

from recsys.rerank.item_traits import NO_CREATOR


def items_of_small_creators(creators: npt.NDArray[np.int32], counts: npt.NDArray[np.int64], share: float) -> npt.NDArray[np.bool_]:
    """Items of the smallest creators that together hold at most `share` of all enrollments; shape (n_items,).

    A share of the whole rather than of each: it means the same on a platform of ten creators and of ten thousand. `creators`
    are creator numbers, -1 for none (never small). Of equally small creators all or none count.
    """
    if share == 0 or not (creators != NO_CREATOR).any():
        return np.zeros(len(creators), np.bool_)
    owned = creators != NO_CREATOR
    sizes = np.bincount(creators[owned], weights=counts[owned])
    distinct, group = np.unique(sizes, return_inverse=True)
    held = np.cumsum(distinct * np.bincount(group))
    small = (held <= share * sizes.sum())[group]
    return np.asarray(owned & small[creators], dtype=np.bool_)


def standardized_log_popularity(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """log(1 + learners) of each item in standard deviations from the mean of the catalog; zeros where all are alike."""
    logs = np.log1p(counts.astype(np.float64))
    spread = float(logs.std()) if len(logs) else 0.0
    return (logs - logs.mean()) / spread if spread > 1e-9 else np.zeros_like(logs)


def count_floor_places(share: float, k: int, lot: float) -> int:
    """Places of a slate of k for the floor: share · k on average over slates when `lot` is uniform in [0, 1)."""
    return int(np.floor(share * k + lot + 1e-9)) if share else 0


def stable_fraction(values: npt.NDArray[np.int32] | npt.NDArray[np.float32], seed: int = 0) -> float:
    """A number in [0, 1) that a learner's history or scores decide: even over learners, the same whenever it is asked for.

    Not drawn per request: chance would then decide about places that are logged as certain.
    """
    return zlib.crc32(values.tobytes(), seed & 0xFFFFFFFF) / 2**32
