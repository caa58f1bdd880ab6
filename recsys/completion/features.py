"""Features of the chance to finish: of the learner, of the course, and of the two together."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.completion.attempts import Floats, Ints
from recsys.completion.learner_features import LearnerFacts
from recsys.features.text import unit_rows
from recsys.types import LEVELS, FinishReasonKind, Item


class Group(StrEnum):
    """What a feature is a fact of."""

    LEARNER = "learner"
    COURSE = "course"
    PAIR = "pair"


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the table: its name, what it is a fact of, and the kind of reason it gives.

    `trend` is 1 where more of it can only raise the chance, -1 where it can only lower it, 0 where the data decide. It keeps
    accidents of the data from becoming reasons nobody would believe, such as a prerequisite that is good to lack.
    """

    name: str
    group: Group
    kind: FinishReasonKind
    trend: int = 0


FEATURES = (
    Feature("finished_share", Group.LEARNER, FinishReasonKind.TRACK_RECORD, trend=1),  # smoothed share of known outcomes
    Feature("usual_progress", Group.LEARNER, FinishReasonKind.TRACK_RECORD, trend=1),  # smoothed mean share of a course done
    Feature("taken", Group.LEARNER, FinishReasonKind.EXPERIENCE),  # log2(1 + courses begun)
    Feature("open", Group.LEARNER, FinishReasonKind.WORKLOAD),  # courses under way
    Feature("days_since", Group.LEARNER, FinishReasonKind.RECENCY),  # log2(1 + days since the last activity)
    Feature("active_days", Group.LEARNER, FinishReasonKind.RECENCY),  # of the last 28
    Feature("finished_level", Group.LEARNER, FinishReasonKind.LEARNER_LEVEL),  # mean position in LEVELS
    Feature("weekly_minutes", Group.LEARNER, FinishReasonKind.WEEKLY_TIME, trend=1),  # log2
    Feature("course_rate", Group.COURSE, FinishReasonKind.COURSE_RECORD, trend=1),  # smoothed share of learners who finished
    Feature("course_minutes", Group.COURSE, FinishReasonKind.LENGTH, trend=-1),  # log2
    Feature("course_level", Group.COURSE, FinishReasonKind.COURSE_LEVEL),  # position in LEVELS
    Feature("prerequisites_lacking", Group.PAIR, FinishReasonKind.PREREQUISITES, trend=-1),
    Feature("level_gap", Group.PAIR, FinishReasonKind.LEVEL_GAP, trend=-1),  # course's level less the learner's
    Feature("weeks_needed", Group.PAIR, FinishReasonKind.PACE, trend=-1),  # log2(minutes / weekly minutes)
    Feature("similarity", Group.PAIR, FinishReasonKind.FAMILIARITY, trend=1),  # cosine to the centroid of finished courses
)
LEARNER_STRENGTH = 2.0
"""A learner's share is smoothed as if this many outcomes at the overall rate had been seen before; a course's likewise."""
COURSE_STRENGTH = 5.0


@dataclass(frozen=True)
class CourseFacts:
    """Facts of n items: `minutes` and `level` (NaN unknown), `labels` (unit rows over topics and skills), `requires` (n × n,
    1 where the row's item expects the column's)."""

    item_ids: tuple[str, ...]
    minutes: Floats
    level: Floats
    labels: sparse.csr_matrix
    requires: sparse.csr_matrix

    @classmethod
    def of(cls, items: Sequence[Item]) -> "CourseFacts":
        """Facts of `items`; tags stand in for topics and skills where an item has neither. Prerequisites outside `items` are left out."""
        ids = tuple(item.item_id for item in items)
        position = {item_id: index for index, item_id in enumerate(ids)}
        marks = [tuple(f"t {t}" for t in i.topics) + tuple(f"s {s}" for s in i.skills) or tuple(f"g {g}" for g in i.tags) for i in items]
        names = {name: column for column, name in enumerate(sorted({m for row in marks for m in row}))}
        labels = _indicator_matrix([[names[m] for m in row] for row in marks], len(names))
        needs = _indicator_matrix([[position[p] for p in item.prerequisites if p in position] for item in items], len(items))
        minutes = np.array([np.nan if i.duration_minutes is None else i.duration_minutes for i in items], np.float64)
        level = np.array([LEVELS.index(i.level) if i.level in LEVELS else np.nan for i in items], np.float64)
        return cls(ids, minutes, level, unit_rows(labels), needs)

    @cached_property
    def position_by_item_id(self) -> dict[str, int]:
        """Index of every item by id."""
        return {item_id: index for index, item_id in enumerate(self.item_ids)}


@dataclass(frozen=True)
class Rates:
    """Outcomes of the courses asked about, and the overall share of finished attempts, as known at the moment."""

    outcomes: Floats
    finished: Floats
    overall: Floats


def feature_values(facts: LearnerFacts, courses: CourseFacts, items: Ints, rates: Rates, *, paired: bool) -> Floats:
    """The table of shape (rows, len(FEATURES)), NaN where something is not known.

    `paired`: row r of `facts` goes with items[r]. Otherwise `facts` holds one learner, who is paired with each of them.
    """
    overall = rates.overall
    levels = _ratio(
        np.asarray(facts.done @ np.nan_to_num(courses.level)), np.asarray(facts.done @ np.isfinite(courses.level).astype(float))
    )
    own_level = np.where(np.isnan(levels), facts.level, levels)
    weekly = np.log2(np.where(facts.weekly > 0, facts.weekly, np.nan))
    minutes = np.log2(np.where(courses.minutes[items] > 0, courses.minutes[items], np.nan))
    known = np.where(facts.outcomes > 0, facts.outcomes, np.nan)
    columns = {
        "finished_share": (facts.finished + LEARNER_STRENGTH * overall) / (known + LEARNER_STRENGTH),
        "usual_progress": (facts.progress + LEARNER_STRENGTH * overall) / (known + LEARNER_STRENGTH),
        "taken": np.log2(1 + facts.taken),
        "open": facts.open,
        "days_since": np.log2(1 + facts.days_since),
        "active_days": facts.active_days,
        "finished_level": levels,
        "weekly_minutes": weekly,
        "course_rate": (rates.finished + COURSE_STRENGTH * overall) / (rates.outcomes + COURSE_STRENGTH),
        "course_minutes": minutes,
        "course_level": courses.level[items],
        "prerequisites_lacking": np.where(np.isnan(facts.taken), np.nan, _missing_prerequisites(facts, courses, items, paired)),
        "level_gap": courses.level[items] - own_level,
        "weeks_needed": minutes - weekly,
        "similarity": _similarity(facts, courses, items, paired),
    }
    table = np.empty((len(items), len(FEATURES)))
    for column, feature in enumerate(FEATURES):
        table[:, column] = columns[feature.name]
    return table


def _missing_prerequisites(facts: LearnerFacts, courses: CourseFacts, items: Ints, paired: bool) -> Floats:
    """Prerequisites of each item that are not among the learner's finished courses."""
    if not paired:
        return np.asarray(courses.requires @ (1 - facts.done.toarray()[0]), np.float64)[items]
    requires = courses.requires[items]
    met = np.asarray(requires.multiply(facts.done).sum(axis=1)).ravel()
    return np.asarray(np.asarray(requires.sum(axis=1)).ravel() - met, np.float64)


def _similarity(facts: LearnerFacts, courses: CourseFacts, items: Ints, paired: bool) -> Floats:
    """Cosine of the item to the sum of finished courses; NaN where nothing was finished or the item has no labels."""
    described = np.diff(courses.labels.indptr)[items] > 0
    if not paired:
        # One learner: products with plain vectors, several times faster than with sparse matrices.
        center = courses.labels.T @ facts.done.toarray()[0].astype(np.float64)
        length = np.sqrt(center @ center)
        cosine = (courses.labels @ center)[items] / max(length, 1e-12)
        return np.asarray(np.where(described & (length > 0), cosine, np.nan), np.float64)
    centers = unit_rows(sparse.csr_matrix(facts.done @ courses.labels))
    cosine = np.asarray(courses.labels[items].multiply(centers).sum(axis=1)).ravel()
    return np.asarray(np.where(described & (np.diff(centers.indptr) > 0), cosine, np.nan), np.float64)


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0), np.float64)


def _indicator_matrix(rows: Sequence[Sequence[int]], width: int) -> sparse.csr_matrix:
    distinct = [np.unique(np.array(row, np.int64)) for row in rows]
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in distinct])]).astype(np.int64)
    columns: npt.NDArray[np.int64] = np.concatenate(distinct) if distinct else np.empty(0, np.int64)
    return sparse.csr_matrix((np.ones(len(columns), np.float32), columns, indptr), shape=(len(rows), width))
