"""Given test files: a split that came with the data, and what kind of part it holds. Brings pandas: import it where frames are read."""

from dataclasses import replace

import numpy as np
import pandas as pd

from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.splits import Split
from recsys.data.validation import check_interactions
from recsys.types import Columns

_ALIKE = 0.95


def given_test_split(train: Dataset, test: pd.DataFrame) -> Split:
    """A test file that came with the training file.

    Learners only the test knows join with an empty history. Rows of non-positive weight are no hits to find.
    """
    frame = check_interactions(test).frame
    if Columns.WEIGHT in frame.columns:
        frame = frame[frame[Columns.WEIGHT] > 0]
    frame = frame.drop_duplicates([Columns.USER, Columns.ITEM])
    users = tuple(dict.fromkeys(str(u) for u in frame[Columns.USER]))
    widened = _with_users(train, tuple(u for u in users if u not in train.position_by_user_id))
    where = frame[Columns.USER].map(widened.position_by_user_id).to_numpy(np.int64)
    item = frame[Columns.ITEM].map(widened.position_by_item_id).fillna(-1).to_numpy(np.int64)
    test_rows = np.unique(where).astype(np.int64)
    row = np.searchsorted(test_rows, where)
    unknown = np.bincount(row[item < 0], minlength=len(test_rows)).astype(np.int64)
    known = np.flatnonzero(item >= 0)
    order = known[np.argsort(row[known], kind="stable")]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row[known], minlength=len(test_rows)))]).astype(np.int64)
    held = Histories(indptr, item[order].astype(np.int32), np.ones(len(order), np.float32), train.n_items)
    return Split(widened, test_rows, held, unknown)


def is_future_of(train: Dataset, test: pd.DataFrame) -> bool | None:
    """Whether a test file holds what its learners did next, judged by its times; None where they do not tell.

    A row drawn at random from a history is later than the n rows left of it with probability 1 / (n + 1), what came next always
    is: the share of later rows is nearer to the one or the other. Only learners and times are read, never which courses are to
    be found.
    """
    events = train.histories
    if events.timestamps is None or Columns.TIMESTAMP not in test.columns:
        return None
    newest = np.full(len(events), np.nan)
    np.fmax.at(newest, events.rows, events.timestamps)
    frame = check_interactions(test).frame
    frame = frame[frame[Columns.USER].isin(train.position_by_user_id)]
    rows = frame[Columns.USER].map(train.position_by_user_id).to_numpy(np.int64)
    gaps = frame[Columns.TIMESTAMP].to_numpy(np.float64) - newest[rows]
    distinct = np.abs(gaps) > 0  # neither equal nor unknown
    if not distinct.any():
        return None
    by_chance = float((1 / (1 + np.diff(events.indptr)[rows[distinct]])).mean())
    return bool((gaps[distinct] > 0).mean() > (1 + by_chance) / 2)


def holds_out_evenly(train: Dataset, test: pd.DataFrame) -> bool:
    """Whether a test file holds as many courses of nearly every learner it knows of, as the newest one or the newest few do; a part
    drawn at random from all rows does not. Where times tell nothing, this is what is left to judge by; see `is_future_of`."""
    frame = check_interactions(test).frame.drop_duplicates([Columns.USER, Columns.ITEM])
    counts = frame[Columns.USER][frame[Columns.USER].isin(train.position_by_user_id)].value_counts()
    return len(counts) == 0 or bool(counts.value_counts(normalize=True).iloc[0] >= _ALIKE)


def _with_users(dataset: Dataset, users: tuple[str, ...]) -> Dataset:
    events = dataset.histories
    indptr = np.concatenate([events.indptr, np.full(len(users), events.indptr[-1])]).astype(np.int64)
    return replace(dataset, user_ids=dataset.user_ids + users, histories=replace(events, indptr=indptr))
