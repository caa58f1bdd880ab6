"""Engagement weights: events become weighted pairs of learner and course, alike for training data and for a learner's history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recsys.data.engagement import LIGHT_KINDS, engagements, kind_codes
from webapp.registries.events import STATED_IN_FORCE, EventKind

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Verdicts and saved courses are not read from the log but from the rows in force, which know what was taken back.
LOGGED_KINDS = tuple(kind for kind in EventKind if kind.spec.signal is not None and kind not in STATED_IN_FORCE)
SIGNALS: Mapping[str, str] = MappingProxyType({kind.value: kind.spec.signal for kind in EventKind if kind.spec.signal is not None})
"""What recsys calls each kind of event that teaches it something."""

# From the least to the most telling: a pair is called after the most telling thing that happened in it.
_RANKS = {signal: rank for rank, signal in enumerate(SIGNALS.values())}
_NAMES = tuple(_RANKS)
_CODES = kind_codes(_NAMES)
_LIGHT = [_RANKS[name] for name in _NAMES if name in LIGHT_KINDS]
_PERCENT = 100.0
LEAST_VIEW_WEIGHT = 0.25
"""To train on, a view weighs at least this beside what a learner has taken: one opened page does not, a click and a page do."""
_LEAST = 0.05


class EngagementRow(NamedTuple):
    """An event or a verdict: seconds since the epoch, and whether they only tell the order."""

    user_id: int
    course_id: int
    name: str
    value: float | None
    at: float
    time_is_order: bool = False


@dataclass(frozen=True)
class WeightedPairs:
    """Learners and courses, one entry a pair, ordered by learner and time. `timestamp` is NaN where only the order is known."""

    user: Ints
    course: Ints
    weight: npt.NDArray[np.float32]
    timestamp: Floats
    kind: npt.NDArray[np.int8]

    @property
    def light_mask(self) -> npt.NDArray[np.bool_]:
        """Which pairs are of courses that were looked at and not taken."""
        return np.isin(self.kind, _LIGHT)

    def kind_name(self, index: int) -> str:
        """What the pair at `index` is called in recsys."""
        return _NAMES[int(self.kind[index])]


def weighted_pairs(rows: Iterable[EngagementRow], now: float | None = None, faint_views: bool = True) -> WeightedPairs:
    """Weighted pairs of the rows, each learner's oldest first.

    `now` is the moment weights fade towards. Without `faint_views`, a page merely opened counts only for learners of whom
    nothing weightier is known: in training it would teach what is seen, not what is wanted.
    """
    columns = list(zip(*rows, strict=True))
    return pairs_of_columns(columns, now, faint_views) if columns else _empty()


def pairs_of_columns(columns: Sequence[Sequence[Any]], now: float | None = None, faint_views: bool = True) -> WeightedPairs:
    """`weighted_pairs` of the columns of rows, of which there is one at least."""
    user, course, at = np.array(columns[0], np.int64), np.array(columns[1], np.int64), np.array(columns[4], np.float64)
    ordinal = np.array(columns[5], np.bool_)
    group, firsts = _groups(user, course)
    n_groups = len(firsts)
    values = np.array(columns[3], np.float64)  # None becomes NaN
    kinds = np.array(list(map(_RANKS.__getitem__, columns[2])), np.int8)
    values[kinds == _RANKS["progress"]] /= _PERCENT  # the log counts percent, recsys shares
    times = np.where(ordinal, np.nan, at)
    weight = engagements(_CODES[kinds], values, times, group, n_groups, now).weight
    kind = np.zeros(n_groups, np.int8)
    np.maximum.at(kind, group, kinds)
    moment = _enrollment_or_last_view_times(group, n_groups, kinds, at)
    only_order = np.zeros(n_groups, np.bool_)
    np.logical_or.at(only_order, group, ordinal)
    pairs = WeightedPairs(user[firsts], course[firsts], weight, np.where(only_order, np.nan, moment), kind)
    keep = np.abs(weight) >= _LEAST
    return _ordered_and_filtered_pairs(pairs, np.lexsort((moment, pairs.user)), keep if faint_views else keep & _worth_training_on(pairs))


def _empty() -> WeightedPairs:
    whole = np.empty(0, np.int64)
    return WeightedPairs(whole, whole, np.empty(0, np.float32), np.empty(0, np.float64), np.empty(0, np.int8))


def _groups(user: Ints, course: Ints) -> tuple[Ints, Ints]:
    """The number of each row's pair, and the index of each pair's first row."""
    code = user * (int(course.max()) + 1) + course
    _, firsts, group = np.unique(code, return_index=True, return_inverse=True)
    return group, firsts


def _enrollment_or_last_view_times(group: Ints, n_groups: int, kinds: npt.NDArray[np.int8], at: Floats) -> Floats:
    """When a pair happened: when the course was taken up, or else when it was last looked at."""
    last = np.full(n_groups, -np.inf)
    np.maximum.at(last, group, at)
    committed = np.isin(kinds, [_RANKS["enroll"]])
    taken = np.full(n_groups, -np.inf)
    np.maximum.at(taken, group[committed], at[committed])
    return np.where(np.isfinite(taken), taken, last)


def _worth_training_on(pairs: WeightedPairs) -> npt.NDArray[np.bool_]:
    """Everything but faint views of learners of whom something weightier is known."""
    faint = pairs.light_mask & (pairs.weight < LEAST_VIEW_WEIGHT)
    users, row = np.unique(pairs.user, return_inverse=True)
    has_more = np.zeros(len(users), np.bool_)
    np.logical_or.at(has_more, row, ~faint)
    return np.asarray(~(faint & has_more[row]))


def _ordered_and_filtered_pairs(pairs: WeightedPairs, order: npt.NDArray[np.intp], keep: npt.NDArray[np.bool_]) -> WeightedPairs:
    kept = order[keep[order]]
    return WeightedPairs(pairs.user[kept], pairs.course[kept], pairs.weight[kept], pairs.timestamp[kept], pairs.kind[kept])
