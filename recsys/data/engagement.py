"""Engagement weight: one number for what a learner did with a course, in training and serving alike.

Implicit signs add up, each kind up to its cap, and fade with age. An explicit verdict is what the learner says: the
latest one counts in full; a negative one overrules every implicit sign.

A course that was left is no dislike. In the sample world what a learner takes next is 3.1 times as much like it as chance would
have it (4.3 like a finished one), and a model that knows what was left finds the next course better than one that leaves it out or counts
it against its like. People leave for lack of time more often than of interest (Kizilcec & Halawa 2015). So it counts, but never
as a course that was followed: LEFT at most, until it is taken up again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from recsys.errors import DataError
from recsys.faults import Fault

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What one event of a kind is worth, and what it says of the course.

    The worth is `weight`, times the event's value / `unit` (limited to 0…1) when the kind carries a value. `cap` limits the
    sum over repeats. `explicit` marks a stated verdict; `middle` is the value of a rating that says neither yes nor no.

    `light`: interest that does not settle a course, which was not taken and may be recommended; a `glance` says no more than that it was
    looked at. `taking`: a step of taking the course; the newest one says whether it was left, which a kind that `leaves` does.
    """

    weight: float
    cap: float
    unit: float | None = None
    explicit: bool = False
    middle: float | None = None
    light: bool = False
    glance: bool = False
    taking: bool = False
    leaves: bool = False


KINDS = MappingProxyType(
    {
        "view": Kind(0.1, 0.3, light=True, glance=True),  # the course page was opened
        "click": Kind(0.2, 0.4, light=True, glance=True),  # out of a list of recommendations
        "dwell": Kind(
            0.3, 0.5, unit=600.0, light=True, glance=True
        ),  # value: seconds in a lesson with the tab visible; ten minutes count in full
        "enroll": Kind(1.0, 1.0, taking=True),
        "progress": Kind(0.5, 0.5, unit=1.0, taking=True),  # value: share of lessons done
        "complete": Kind(1.0, 1.0, taking=True),
        "save": Kind(0.6, 0.6, light=True),
        "share": Kind(0.6, 0.9, light=True),
        "drop": Kind(0.0, 0.0, taking=True, leaves=True),  # left unfinished: worth nothing itself, it limits the others (LEFT)
        "already_know": Kind(0.3, 0.3),  # says what the learner's field is; the course itself is masked when serving
        "thumbs_up": Kind(1.0, 1.0, explicit=True, light=True),
        "thumbs_down": Kind(-1.0, 1.0, explicit=True),
        "dismiss": Kind(-0.7, 0.7, explicit=True),  # "not for me"
        "report": Kind(-0.5, 0.5, explicit=True),  # a poor recommendation
        "rating": Kind(0.5, 1.0, explicit=True, middle=3.0),  # value: 1…5 stars, half a point per star from 3
    }
)
LIGHT_KINDS = frozenset(name for name, kind in KINDS.items() if kind.light)
GLANCES = frozenset(name for name, kind in KINDS.items() if kind.glance)
LEFT = 0.75
"""What implicit signs add up to at most while a course is left: the best of 1, .75, .5 and .25 on two sample worlds."""
HALF_LIFE_DAYS = 365.0
LEAST, MOST = -1.0, 3.0


@dataclass(frozen=True, slots=True)
class Engagement:
    """Weight of one (learner, course) pair and the features behind it; times in days before `now`, NaN when unknown."""

    weight: float
    frequency: int
    days_since_first: float
    days_since_last: float


@dataclass(frozen=True)
class Engagements:
    """The same for many pairs, one entry per group."""

    weight: npt.NDArray[np.float32]
    frequency: npt.NDArray[np.int64]
    days_since_first: npt.NDArray[np.float64]
    days_since_last: npt.NDArray[np.float64]


def engagement_of_learner_with_course(
    events: Sequence[tuple[str, float | None, float | None]], now: float | None = None, half_life_days: float = HALF_LIFE_DAYS
) -> Engagement:
    """Engagement of one learner with one course from its (kind, value, timestamp) events, in any order.

    `now` and timestamps are seconds since the epoch; without `now` the newest event counts as now. Raises DataError on a
    kind that is not in KINDS.
    """
    kinds = [kind for kind, _, _ in events]
    values = np.array([np.nan if value is None else value for _, value, _ in events], np.float64)
    times = np.array([np.nan if at is None else at for _, _, at in events], np.float64)
    all_ = engagements(kind_codes(kinds), values, times, np.zeros(len(events), np.int64), 1, now, half_life_days)
    return Engagement(float(all_.weight[0]), int(all_.frequency[0]), float(all_.days_since_first[0]), float(all_.days_since_last[0]))


def engagements(
    codes: npt.NDArray[np.int64],
    values: npt.NDArray[np.float64],
    times: npt.NDArray[np.float64],
    groups: npt.NDArray[np.int64],
    n_groups: int,
    now: float | None = None,
    half_life_days: float = HALF_LIFE_DAYS,
) -> Engagements:
    """`engagement_of_learner_with_course` of many pairs at once; `codes` are the kinds of events (`kind_codes`), `groups` numbers the pair
    of each, 0 ≤ group < n_groups."""
    moment = now if now is not None else float(np.nanmax(times, initial=-np.inf)) if np.isfinite(times).any() else 0.0
    age = np.maximum(moment - times, 0) / DAY
    worth = _worth(codes, values)
    implicit = _implicit(codes, worth * np.exp2(-np.nan_to_num(age) / half_life_days), groups, n_groups)
    implicit = np.where(_ended_by_leaving(codes, times, groups, n_groups), np.minimum(implicit, LEFT), implicit)
    verdict = _newest_worth_per_group(codes, _EXPLICIT, worth, times, groups, n_groups)
    weight = np.where(verdict < 0, verdict, implicit + np.nan_to_num(verdict))
    first, last = (_by_group(reduce, age, groups, n_groups) for reduce in (np.fmax, np.fmin))
    frequency = np.bincount(groups, minlength=n_groups).astype(np.int64)
    return Engagements(np.clip(weight, LEAST, MOST).astype(np.float32), frequency, first, last)


_NAMES = tuple(KINDS)
_TABLE = tuple(KINDS.values())
_EXPLICIT = np.array([kind.explicit for kind in _TABLE])
_TAKING = np.array([kind.taking for kind in _TABLE])
_LEAVES = np.array([kind.leaves for kind in _TABLE])


def kind_codes(kinds: Sequence[str]) -> npt.NDArray[np.int64]:
    """Place of each kind in KINDS. Raises DataError on one that is not there."""
    position = {name: index for index, name in enumerate(_NAMES)}
    unknown = sorted(set(kinds) - set(position))
    if unknown:
        raise DataError(Fault.EVENT_KINDS_UNKNOWN, kinds=unknown, known=_NAMES)
    return np.array([position[kind] for kind in kinds], np.int64)


def _worth(codes: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    weight = np.array([kind.weight for kind in _TABLE])[codes]
    unit = np.array([kind.unit or np.nan for kind in _TABLE])[codes]
    middle = np.array([np.nan if kind.middle is None else kind.middle for kind in _TABLE])[codes]
    share = np.where(np.isnan(unit), 1.0, np.clip(np.nan_to_num(values / unit, nan=1.0), 0, 1))
    rated = np.where(np.isnan(middle), share, np.nan_to_num(values - middle))
    return np.asarray(weight * rated, np.float64)


def _implicit(
    codes: npt.NDArray[np.int64], faded: npt.NDArray[np.float64], groups: npt.NDArray[np.int64], n_groups: int
) -> npt.NDArray[np.float64]:
    cells = groups * len(_TABLE) + codes
    sums = np.bincount(cells, weights=faded, minlength=n_groups * len(_TABLE)).reshape(n_groups, len(_TABLE))
    caps = np.array([0.0 if kind.explicit else kind.cap for kind in _TABLE])
    return np.asarray(np.clip(sums, -caps, caps).sum(axis=1), np.float64)


def _ended_by_leaving(
    codes: npt.NDArray[np.int64], times: npt.NDArray[np.float64], groups: npt.NDArray[np.int64], n_groups: int
) -> npt.NDArray[np.bool_]:
    """Whether the newest thing done with each group's course was to leave it."""
    return np.asarray(_newest_worth_per_group(codes, _TAKING, _LEAVES[codes].astype(np.float64), times, groups, n_groups) == 1)


def _newest_worth_per_group(
    codes: npt.NDArray[np.int64],
    kinds: npt.NDArray[np.bool_],
    worth: npt.NDArray[np.float64],
    times: npt.NDArray[np.float64],
    groups: npt.NDArray[np.int64],
    n_groups: int,
) -> npt.NDArray[np.float64]:
    """Worth of each group's newest event of these kinds (of equal times the last given), NaN where there is none."""
    asked = np.flatnonzero(kinds[codes])
    moments = np.where(np.isnan(times), -np.inf, times)[asked]
    order = asked[np.argsort(moments, kind="stable")]
    latest = np.full(n_groups, np.nan)
    latest[groups[order]] = worth[order]
    return latest


def _by_group(reduce: np.ufunc, values: npt.NDArray[np.float64], groups: npt.NDArray[np.int64], n_groups: int) -> npt.NDArray[np.float64]:
    result = np.full(n_groups, np.nan)
    reduce.at(result, groups, values)
    return result
