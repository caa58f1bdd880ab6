"""The chance to finish for one learner: of a course with its reasons, of every course, and as a term of the ranking."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.completion.additive import AdditiveLogit
from recsys.completion.attempts import Attempts, Floats, Ints
from recsys.completion.feature_table import FinishTable, table_for_learner
from recsys.completion.features import FEATURES, CourseFacts, Rates
from recsys.completion.model import Estimate, FinishModel
from recsys.types import LEVELS, FinishReasonKind, Item, Learner

Vector = npt.NDArray[np.float32]
COLUMNS: Mapping[str, int] = {feature.name: column for column, feature in enumerate(FEATURES)}
_OF_COURSE = ("course_rate", "course_minutes", "course_level")
_FINISHED = "complete"  # kind of an event of the history
_LEVELS = np.array([*range(len(LEVELS)), np.nan])
_STEPS = 128
_LIKENESS = np.append(np.linspace(0, 1, _STEPS + 1), np.nan)
"""Cosines at which the curve of likeness is read for a ranking, and last for what cannot be compared."""
_WIDEST = 0.5
"""Width of an interval beyond which a learner is told the course's share instead: such an estimate says nothing of anybody."""
_TELLING = 0.05
"""Log-odds below which a reason moves the chance by about a point and is not worth telling."""


@dataclass(frozen=True, slots=True)
class FinishPart:
    """What the features of one kind add to the log-odds together; `values` are theirs by name, unknown ones left out."""

    kind: FinishReasonKind
    contribution: float
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Outlook:
    """A learner's chance to finish an item. `outcomes` are all attempts at it whose end is known, `finished` the finished ones among
    them; `parts` are why, the largest first, empty where the estimate is a share, as it is where the model is not sure enough."""

    estimate: Estimate
    outcomes: int
    finished: int
    parts: tuple[FinishPart, ...]


@dataclass(frozen=True)
class FinishPredictor:
    """The chance to finish bound to a catalog; immutable. Positions are those of the items it was made of."""

    model: FinishModel
    courses: CourseFacts
    rates: Rates

    @classmethod
    def of(cls, model: FinishModel, items: Sequence[Item]) -> "FinishPredictor":
        """Bind a model to the items eligible now; those it never saw are judged by what is known of them."""
        courses = CourseFacts.of(items)
        return cls(model, courses, model.course_outcome_counts(courses.item_ids))

    def outlook(
        self,
        item_id: str,
        own: Attempts | None,
        *,
        activity: Floats | None = None,
        weekly_minutes: float | None = None,
        level: str | None = None,
    ) -> Outlook | None:
        """The chance of the learner with the attempts `own` (None: a visitor) who would begin `item_id` at `own.now`; None for items
        that are not in the catalog. `activity` are further moments the learner was here, in seconds."""
        position = self.courses.position_by_item_id.get(item_id)
        if position is None:
            return None
        table = self._table(own, np.array([position]), activity, weekly_minutes, level)
        counted = int(self.rates.outcomes[position]), int(self.rates.finished[position])
        estimate = self.model.predict(table)[0]
        if estimate.high - estimate.low > _WIDEST:
            return Outlook(self.model.estimate_from_shares(table)[0], *counted, ())
        return Outlook(estimate, *counted, _finish_parts(self.model, table))

    def probabilities(
        self,
        own: Attempts | None,
        *,
        activity: Floats | None = None,
        weekly_minutes: float | None = None,
        level: str | None = None,
    ) -> Floats:
        """The chance of every item, arguments as in `outlook`; shape (n_items,)."""
        return self.model.probability(self._table(own, None, activity, weekly_minutes, level))

    def lift(self, learner: Learner) -> Vector:
        """How much likelier than the average item the learner is to finish each one, in log-odds: (n_items,), mean zero.

        What is the same for all items of a learner cancels out and is not looked at. Missing prerequisites are left out: the policy
        has a penalty of its own for them.
        """
        curves, total = self.model.curves_model_, self._item_log_odds
        if curves is None or not len(total):
            return total
        for part in self._pair_log_odds_parts(curves, learner):
            total = total + part
        return total if total is self._item_log_odds else np.asarray(total - total.mean(), np.float32)

    def order_term(self, learner: Learner, weight: float) -> Vector:
        """What is added to the order of a learner, in spreads: (n_items,), mean zero; `weight` is the policy's `finish_weight`.

        A matter of order alone: scores and the reasons that sum to them stay those of relevance.
        """
        return np.asarray(np.float32(weight) * self.lift(learner), np.float32)

    def _table(
        self, own: Attempts | None, items: Ints | None, activity: Floats | None, weekly_minutes: float | None, level: str | None
    ) -> FinishTable:
        stated = None if level not in LEVELS else LEVELS.index(level)
        return table_for_learner(own, self.courses, self.rates, items=items, activity=activity, weekly_minutes=weekly_minutes, level=stated)

    @cached_property
    def _item_log_odds(self) -> Vector:
        """The part of the log-odds that depends on the item alone, mean zero; of its share where no curves were learned."""
        table = self._table(None, None, None, None, None)
        curves = self.model.curves_model_
        if curves is None:
            chance = self.model.probability(table)
            total = np.log(chance / (1 - chance))
        else:
            total = np.sum([curves.contribution(COLUMNS[name], table.values[:, COLUMNS[name]]) for name in _OF_COURSE], axis=0)
        return np.asarray(total - (total.mean() if len(total) else 0), np.float32)

    def _pair_log_odds_parts(self, curves: AdditiveLogit, learner: Learner) -> Iterator[Vector]:
        """The parts that depend on learner and item, those left out that are the same for all items because nothing is known.

        Curves are read at the few levels, lengths and steps of likeness there are, not item by item.
        """
        positions = self.courses.position_by_item_id
        done = [positions[e.item_id] for e in learner.history if e.kind == _FINISHED and e.item_id in positions]
        level = self._learner_difficulty_level(learner, done)
        if level is not None:
            yield curves.contribution(COLUMNS["level_gap"], _LEVELS - level).astype(np.float32).take(self._levels)
        if learner.weekly_minutes:
            lengths, which = self._lengths
            weeks = lengths - np.log2(learner.weekly_minutes)
            yield curves.contribution(COLUMNS["weeks_needed"], weeks).astype(np.float32).take(which)
        if done:
            yield curves.contribution(COLUMNS["similarity"], _LIKENESS).astype(np.float32).take(self._likeness(done))

    @cached_property
    def _levels(self) -> Ints:
        """Place of each item in _LEVELS."""
        return np.where(np.isnan(self.courses.level), len(LEVELS), np.nan_to_num(self.courses.level)).astype(np.int64)

    @cached_property
    def _lengths(self) -> tuple[Floats, Ints]:
        """The different lengths there are, as log2 of minutes to a sixteenth and NaN where unknown, and which of them each item has."""
        minutes = np.where(self.courses.minutes > 0, self.courses.minutes, np.nan)
        lengths, which = np.unique(np.round(16 * np.log2(minutes)) / 16, return_inverse=True)
        return lengths, which.astype(np.int64)

    def _learner_difficulty_level(self, learner: Learner, done: Sequence[int]) -> float | None:
        """Mean level of the finished items, else what is stated, as a position in LEVELS; None where neither is known."""
        known = [level for level in self.courses.level[list(done)].tolist() if level == level]
        if known:
            return float(np.mean(known))
        return float(LEVELS.index(learner.level)) if learner.level in LEVELS else None

    def _likeness(self, done: Sequence[int]) -> Ints:
        """Place in _LIKENESS of each item's cosine to the sum of the finished ones."""
        labels = self.courses.labels
        finished = np.zeros(labels.shape[0], np.float32)
        finished[list(done)] = 1
        center = self._labels_of @ finished
        length = np.sqrt(center @ center)
        if length == 0:
            return np.full(len(self.courses.item_ids), len(_LIKENESS) - 1)
        places = (labels @ (center * (_STEPS / length)) + np.float32(0.5)).astype(np.int64)
        places[self._unlabeled_positions] = len(_LIKENESS) - 1
        return np.asarray(places, np.int64)

    @cached_property
    def _labels_of(self) -> sparse.csc_matrix:
        return self.courses.labels.T

    @cached_property
    def _unlabeled_positions(self) -> Ints:
        return np.flatnonzero(np.diff(self.courses.labels.indptr) == 0)


def _finish_parts(model: FinishModel, table: FinishTable) -> tuple[FinishPart, ...]:
    """Why the only row of `table` gets its chance: contributions by kind of reason, of features whose value is known."""
    sums: dict[FinishReasonKind, float] = {}
    values: dict[FinishReasonKind, dict[str, float]] = {}
    for reason in model.explain(table):
        if reason.value is not None:
            sums[reason.kind] = sums.get(reason.kind, 0.0) + reason.contribution
            values.setdefault(reason.kind, {})[reason.feature] = reason.value
    telling = sorted((kind for kind, total in sums.items() if abs(total) >= _TELLING), key=lambda kind: -abs(sums[kind]))
    return tuple(FinishPart(kind, sums[kind], values[kind]) for kind in telling)
