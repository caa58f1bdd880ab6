"""Learner features at given moments, from attempts and activity before them only. One code for training and serving."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from recsys.completion.attempts import Attempts, Floats, Ints
from recsys.data.engagement import DAY
from recsys.types import Columns

if TYPE_CHECKING:
    import pandas as pd

SESSION = DAY / 2
"""Activity of the last twelve hours belongs to the visit in which the question is asked, and says nothing about recency."""
RECENT_DAYS = 28


@dataclass(frozen=True)
class LearnerFacts:
    """Facts of n (learner, moment) pairs, one entry each; NaN where nothing is known.

    `taken`, `open` (attempts under way), `outcomes`, `finished`, `progress` (sum of shares done over known outcomes),
    `days_since` the last activity, `active_days` among the 28 before, `weekly` stated minutes, `level` stated. `done` is n × items,
    1 for courses finished by then (float32).
    """

    taken: Floats
    open: Floats
    outcomes: Floats
    finished: Floats
    progress: Floats
    days_since: Floats
    active_days: Floats
    weekly: Floats
    level: Floats
    done: sparse.csr_matrix

    def __len__(self) -> int:
        return len(self.taken)


def facts_at_start(attempts: Attempts, n_items: int, activity: "pd.DataFrame | None" = None) -> LearnerFacts:
    """Facts of each attempt's learner at the moment of enrolling, in the order of `attempts`."""
    moments = _activity_times_per_learner(attempts, activity)
    parts = []
    for user, part in _slices_by_learner(attempts.user):
        parts.append(_facts_of(attempts, part, attempts.start[part], np.sort(_own_moments(attempts, part, moments[user]))))
    return _stack_facts(parts, attempts.weekly, attempts.level, n_items)


def learner_facts_now(own: Attempts, n_items: int, activity: Floats, weekly: float, level: float) -> LearnerFacts:
    """Facts of one learner at `own.now`; `own` holds this learner's attempts alone, `activity` moments in seconds."""
    part = slice(0, len(own))
    facts = _facts_of(own, part, np.array([own.now]), np.sort(_own_moments(own, part, activity)))
    return _stack_facts([facts], np.array([weekly]), np.array([level]), n_items)


def visitor_facts(n_items: int) -> LearnerFacts:
    """Facts of a visitor: none."""
    counts = np.full((_COUNTS, 1), np.nan)
    return _stack_facts([(counts, [np.empty(0, np.int64)])], counts[0], counts[0], n_items)


_Rows = tuple[Floats, list[Ints]]
_COUNTS = 7


def _facts_of(attempts: Attempts, part: slice, at: Floats, moments: Floats) -> _Rows:
    """Counts (7 × moments asked about) and the items finished by each; every comparison is strict: nothing of the moment itself."""
    start, known = attempts.start[part], attempts.known[part]
    begun = start[None, :] < at[:, None]
    known_before = begun & (known[None, :] < at[:, None])
    finished = known_before & attempts.finished[part][None, :]
    progress = np.nan_to_num(attempts.progress[part])
    counts = np.empty((_COUNTS, len(at)))
    counts[0] = begun.sum(axis=1)
    counts[1] = (begun & ~known_before).sum(axis=1)
    counts[2] = known_before.sum(axis=1)
    counts[3] = finished.sum(axis=1)
    counts[4] = known_before @ progress
    counts[5], counts[6] = _recency(moments, at)
    items = attempts.item[part]
    return counts, [np.unique(items[row & (items >= 0)]) for row in finished]  # -1: a course the catalog no longer holds


def _recency(moments: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Days since the last activity before the current visit, and days with activity among the full days of four weeks before."""
    if not len(moments):
        return np.full(len(at), np.nan), np.zeros(len(at))
    before = np.searchsorted(moments, at - SESSION, side="left")
    since = np.where(before > 0, (at - moments[np.maximum(before - 1, 0)]) / DAY, np.nan)
    days = np.unique(np.floor(moments / DAY))
    today = np.floor(at / DAY)
    active = np.searchsorted(days, today, side="left") - np.searchsorted(days, today - RECENT_DAYS, side="left")
    return since, active.astype(np.float64)


def _own_moments(attempts: Attempts, part: slice, activity: Floats) -> Floats:
    return np.concatenate([attempts.start[part], attempts.last[part], activity])


def _slices_by_learner(user: Ints) -> Iterator[tuple[int, slice]]:
    """Each learner and where their attempts stand; `user` is sorted."""
    cuts = np.flatnonzero(np.diff(user)) + 1
    bounds = [0, *cuts.tolist(), len(user)] if len(user) else []
    for first, end in pairwise(bounds):
        yield int(user[first]), slice(first, end)


def _activity_times_per_learner(attempts: Attempts, activity: "pd.DataFrame | None") -> list[Floats]:
    """Moments of `activity` (user_id, timestamp) by learner."""
    nothing: list[Floats] = [np.empty(0)] * len(attempts.user_ids)
    if activity is None or not len(activity):
        return nothing
    # Loaded late: it brings pandas, and a page hands over moments of one learner, no frame.
    from recsys.data.validation import to_seconds  # noqa: PLC0415

    position = {user: code for code, user in enumerate(attempts.user_ids)}
    user = activity[Columns.USER].astype(str).map(position)
    times = to_seconds(activity[Columns.TIMESTAMP].reset_index(drop=True)).to_numpy(np.float64)
    usable = np.asarray(user.notna()) & np.isfinite(times)
    codes, times = user.to_numpy(np.float64)[usable].astype(np.int64), times[usable]
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(nothing)))
    return np.split(times[order], ends[:-1])


def _stack_facts(parts: list[_Rows], weekly: Floats, level: Floats, n_items: int) -> LearnerFacts:
    counts = np.concatenate([c for c, _ in parts], axis=1) if parts else np.empty((_COUNTS, 0))
    rows = [items for _, block in parts for items in block]
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    columns = np.concatenate(rows) if rows else np.empty(0, np.int64)
    done = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, indptr), shape=(len(rows), n_items))
    taken, under_way, outcomes, finished, progress, days_since, active_days = counts
    return LearnerFacts(taken, under_way, outcomes, finished, progress, days_since, active_days, weekly, level, done)
