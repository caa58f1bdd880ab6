"""Histories from a frame: interactions of a checked table as coded histories. Brings pandas: import it where frames are read."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys.data.histories import Histories
from recsys.types import Columns


def events_of_frame(frame: pd.DataFrame, catalog: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[str, ...], Histories]:
    """Ids of the learners, ids of items that `catalog` (index by id) does not hold, and one history per learner.

    Those items are numbered after the catalog's, in the order they are met.
    """
    user_codes, users = pd.factorize(frame[Columns.USER])
    seen_codes, seen = pd.factorize(frame[Columns.ITEM])
    seen_ids = [str(s) for s in seen]
    unknown = tuple(item_id for item_id in seen_ids if item_id not in catalog)
    position = dict(catalog) | {item_id: len(catalog) + index for index, item_id in enumerate(unknown)}
    codes = np.array([position[i] for i in seen_ids], np.int32)[seen_codes] if seen_ids else np.empty(0, np.int32)
    histories = _histories(user_codes, codes, frame, len(users), len(position))
    return tuple(str(u) for u in users), unknown, histories


def _histories(users: npt.NDArray[np.int64], items: npt.NDArray[np.int32], frame: pd.DataFrame, n_users: int, n_items: int) -> Histories:
    times = frame[Columns.TIMESTAMP].to_numpy(np.float64) if Columns.TIMESTAMP in frame.columns else np.full(len(frame), np.nan)
    order = np.lexsort((np.arange(len(frame)), _fill_missing_times(times, users), users))
    weights = frame[Columns.WEIGHT].to_numpy(np.float32) if Columns.WEIGHT in frame.columns else np.ones(len(frame), np.float32)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(users, minlength=n_users))]).astype(np.int64)
    kept = None if np.isnan(times).all() else times[order]
    return Histories(indptr, items[order], weights[order], n_items, kept)


def _fill_missing_times(times: npt.NDArray[np.float64], users: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Times with gaps closed: a row without a time stays behind the learner's row above it in the file."""
    if not np.isnan(times).any():
        return times
    filled = pd.Series(times).groupby(users).ffill().to_numpy(np.float64, copy=True)
    return np.where(np.isnan(filled), -np.inf, filled)
