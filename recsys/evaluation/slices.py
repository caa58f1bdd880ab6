"""Test slices: results by history length, by popularity of the held-out course, by segment.

Nothing is fitted or ranked anew: a slice picks learners, or held-out courses, out of rankings that exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.data.histories import Histories
from recsys.data.splits import Split
from recsys.evaluation.full_ranking import Outcome
from recsys.evaluation.metrics import Accuracy, PerUser, accuracy
from recsys.evaluation.significance import percentile_bounds, resampled_means
from recsys.rerank.niche_items import niche_items

COLD = 3
"""A course with fewer interactions than this in training is cold."""
_LENGTHS: tuple[tuple[str, int, int | None], ...] = (
    ("no courses", 0, 1),
    ("1 course", 1, 2),
    ("2–4 courses", 2, 5),
    ("5–9 courses", 5, 10),
    ("10–19 courses", 10, 20),
    ("20 or more courses", 20, None),
    ("fewer than 5 courses", 0, 5),
)
_MOST_SEGMENTS = 12
_METRICS = tuple(field.name for field in fields(Accuracy))
_COMPARED = ("ndcg", "recall")
Segments = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Slice:
    """A part of a test set.

    `rows` are positions in the split's `test_rows`; row r of `test` holds what counts as found for `rows[r]`; `unknown`
    as in Split. `group` says what the slices of one family are cut by.
    """

    group: str
    name: str
    rows: npt.NDArray[np.int64]
    test: Histories
    unknown: npt.NDArray[np.int64]


def slices_of(split: Split, segments: Segments | None = None) -> list[Slice]:
    """Every slice of `split` that holds a learner.

    `segments` maps a column name to a label per learner id; the twelve largest labels of a column are kept, the others are
    joined. Slices may overlap ("fewer than 5 courses" joins three others).
    """
    slices = [*_by_length(split), *_by_course_popularity(split)]
    for column, labels in (segments or {}).items():
        slices += _by_segment(split, column, labels)
    return [part for part in slices if len(part.rows)]


def measure_slices(
    outcomes: Sequence[Outcome], slices: Sequence[Slice], pairs: Sequence[tuple[str, str]], k: int, seed: int
) -> list[dict[str, Any]]:
    """Metrics of every outcome on every slice, and differences and ratios of `pairs` of names, all with 95 % intervals.

    Intervals come from one paired bootstrap over the learners of the slice, and are not corrected for their number: of
    twenty slices without any difference one will show one.
    """
    return [_measure(outcomes, part, pairs, k, seed) for part in slices]


def _by_length(split: Split) -> list[Slice]:
    histories = split.train.histories.select(split.test_rows)
    lengths = np.diff(histories.matrix().indptr)
    slices = []
    for name, low, high in _LENGTHS:
        inside = (lengths >= low) & (True if high is None else lengths < high)
        slices.append(_learner_slice(split, "history length", name, np.flatnonzero(inside)))
    return slices


def _by_course_popularity(split: Split) -> list[Slice]:
    popularity = split.train.popularity
    cold, niche = popularity < COLD, niche_items(popularity)
    return [
        _course_slice(split, "new: nobody in training", popularity == 0),
        _course_slice(split, f"cold: fewer than {COLD} learners", cold),
        _course_slice(split, "niche: outside the top fifth", niche & ~cold),
        _course_slice(split, "head: the top fifth", ~niche & ~cold),
    ]


def _by_segment(split: Split, column: str, labels: Mapping[str, str]) -> list[Slice]:
    users = [split.train.user_ids[row] for row in split.test_rows]
    marks = np.array([labels.get(user, "") or "not known" for user in users], dtype=str)
    names, counts = np.unique(marks, return_counts=True)
    largest = [str(names[i]) for i in np.argsort(-counts, kind="stable")[:_MOST_SEGMENTS]]
    rest = np.flatnonzero(~np.isin(marks, largest))
    return [
        *(_learner_slice(split, column, name, np.flatnonzero(marks == name)) for name in largest),
        _learner_slice(split, column, "all others", rest),
    ]


def _learner_slice(split: Split, group: str, name: str, rows: npt.NDArray[np.int64]) -> Slice:
    return Slice(group, name, rows.astype(np.int64), split.test.select(rows.astype(np.int64)), split.unknown[rows])


def _course_slice(split: Split, name: str, items: npt.NDArray[np.bool_]) -> Slice:
    """A slice of held-out courses: only `items` count; learners without any are left out. Courses nobody could rank are in no slice."""
    test = split.test.keep(items[split.test.items])
    rows = np.flatnonzero(np.diff(test.indptr)).astype(np.int64)
    return Slice("held-out course", name, rows, test.select(rows), np.zeros(len(rows), np.int64))


def _measure(outcomes: Sequence[Outcome], part: Slice, pairs: Sequence[tuple[str, str]], k: int, seed: int) -> dict[str, Any]:
    accuracies = {o.name: accuracy(o.ranking[part.rows], part.test, k, part.unknown) for o in outcomes}
    columns = [(name, metric) for name in accuracies for metric in _METRICS]
    values = np.stack([getattr(accuracies[name], metric) for name, metric in columns], axis=1)
    sampled = resampled_means(values, seed)
    place = {column: index for index, column in enumerate(columns)}
    bounds = percentile_bounds(sampled)
    models: dict[str, dict[str, Any]] = {name: {} for name in accuracies}
    for (name, metric), mean, (low, high) in zip(columns, values.mean(axis=0), bounds.T, strict=True):
        models[name] |= {metric: round(float(mean), 6), f"{metric}_ci": [round(float(low), 6), round(float(high), 6)]}
    usable = [(first, second) for first, second in pairs if first in accuracies and second in accuracies]
    return {
        "group": part.group,
        "slice": part.name,
        "n_users": len(part.rows),
        "n_held_out": len(part.test.items) + int(part.unknown.sum()),
        "models": models,
        "differences": {f"{a} - {b}": _compare(a, b, place, values, sampled) for a, b in usable},
    }


def _compare(first: str, second: str, place: Mapping[tuple[str, str], int], values: PerUser, sampled: PerUser) -> dict[str, Any]:
    """Difference and ratio of two models, each with its interval; a ratio to (nearly) nothing is None."""
    comparison: dict[str, Any] = {}
    for metric in _COMPARED:
        one, other = place[first, metric], place[second, metric]
        low, high = percentile_bounds(sampled[:, [one]] - sampled[:, [other]])[:, 0]
        mean_one, mean_other = float(values[:, one].mean()), float(values[:, other].mean())
        comparison[metric] = round(mean_one - mean_other, 6)
        comparison[f"{metric}_ci"] = [round(float(low), 6), round(float(high), 6)]
        comparison[f"{metric}_ratio"] = round(mean_one / mean_other, 3) if mean_other else None
        comparison[f"{metric}_ratio_ci"] = _ratio_bounds(sampled[:, one], sampled[:, other])
    return comparison


def _ratio_bounds(one: PerUser, other: PerUser) -> list[float] | None:
    if not (other > 0).all():  # a sample in which the second found nothing has no ratio
        return None
    low, high = percentile_bounds((one / other)[:, None])[:, 0]
    return [round(float(low), 3), round(float(high), 3)]
