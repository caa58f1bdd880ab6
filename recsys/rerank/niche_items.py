"""Niche items: one definition for serving and measuring."""

import numpy as np
import numpy.typing as npt

HEAD_SHARE = 0.2
"""Niche items are those outside this share of the catalog, taken by popularity in training (Pareto's fifth)."""


def niche_items(popularity: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """True for items outside the most popular fifth; ties go by index, so the head has a fixed size."""
    head = int(np.ceil(len(popularity) * HEAD_SHARE))
    mask = np.ones(len(popularity), np.bool_)
    mask[np.argsort(-popularity, kind="stable")[:head]] = False
    return mask
