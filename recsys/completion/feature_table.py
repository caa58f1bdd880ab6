"""Feature table: one row per learner and course, for learning and for answering."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recsys.completion.attempts import Attempts, Floats, Ints
from recsys.completion.delayed_feedback import outcome_likelihood_ratios
from recsys.completion.features import FEATURES, CourseFacts, Feature, Group, Rates, feature_values
from recsys.completion.learner_features import LearnerFacts, facts_at_start, learner_facts_now, visitor_facts
from recsys.types import FinishReasonKind, Item

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FinishTable:
    """One row per (learner, course) pair.

    `values` is (rows, len(features)), NaN unknown; `item_ids` names the course of each row. Tables to learn from also have
    `outcome` (1 finished, 0 stopped, NaN open or too young to be counted), `evidence` (what is known of it so far, see
    recsys.completion.delayed_feedback), `start` in seconds and `learner` codes.
    """

    features: tuple[Feature, ...]
    values: Floats
    item_ids: tuple[str, ...]
    outcome: Floats
    evidence: Floats
    start: Floats
    learner: Ints

    def __len__(self) -> int:
        return len(self.values)

    def select(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> "FinishTable":
        """Some rows, in the given order."""
        index = np.arange(len(self))[rows]
        parts = {name: getattr(self, name)[index] for name in ("values", "outcome", "evidence", "start", "learner")}
        return replace(self, item_ids=tuple(self.item_ids[i] for i in index), **parts)


def build_table(
    attempts: Attempts,
    items: Sequence[Item] = (),
    *,
    activity: "pd.DataFrame | None" = None,
    extras: Sequence[Feature] = (),
) -> FinishTable:
    """One row per attempt with what was known when the learner enrolled, and the outcome as known at `attempts.now`.

    `activity` (user_id, timestamp) are further moments learners were active; items missing in `items` are known by id only.
    `extras` are columns of the attempts' extras to add.
    """
    courses = CourseFacts.of(with_bare_items_for_unknown_ids(items, attempts.item_ids))
    where = np.array([courses.position_by_item_id[i] for i in attempts.item_ids], np.int64)
    item = where[attempts.item] if len(attempts) else np.empty(0, np.int64)
    placed = replace(attempts, item=item)
    facts = facts_at_start(placed, len(courses.item_ids), activity)
    values = feature_values(facts, courses, item, course_rates_at_start(placed), paired=True)
    more = [attempts.extras[feature.name][:, None] for feature in extras]
    return FinishTable(
        features=(*FEATURES, *extras),
        values=np.concatenate([values, *more], axis=1),
        item_ids=tuple(courses.item_ids[i] for i in item),
        outcome=np.where(np.isfinite(attempts.settled_at), attempts.finished, np.nan),
        evidence=outcome_likelihood_ratios(attempts),
        start=attempts.start,
        learner=attempts.user,
    )


def table_for_learner(
    own: Attempts | None,
    courses: CourseFacts,
    rates: Rates,
    *,
    items: Ints | None = None,
    activity: Floats | None = None,
    weekly_minutes: float | None = None,
    level: float | None = None,
) -> FinishTable:
    """One row per course of `courses` for one learner at `own.now`; without `own`, for a visitor of whom nothing is known.

    `own` holds the attempts of this learner, `level` is a stated position in LEVELS. `rates` are `FinishModel.rates` of all of `courses`.
    `items` limits the rows to those positions, such as the candidates of a request.
    """
    rows = np.arange(len(courses.item_ids)) if items is None else items
    facts = visitor_facts(len(courses.item_ids)) if own is None else _facts_of_learner(own, courses, activity, weekly_minutes, level)
    asked = Rates(rates.outcomes[rows], rates.finished[rows], rates.overall[rows])
    values = feature_values(facts, courses, rows, asked, paired=False)
    ids = courses.item_ids if items is None else tuple(courses.item_ids[i] for i in rows)
    unknown = np.full(len(rows), np.nan)
    return FinishTable(FEATURES, values, ids, unknown, unknown, unknown, np.zeros(len(rows), np.int64))


def extra_feature(name: str, group: Group = Group.LEARNER, kind: FinishReasonKind = FinishReasonKind.CIRCUMSTANCE) -> Feature:
    """A feature beyond the common ones, a column of the attempts."""
    return Feature(name, group, kind)


def with_bare_items_for_unknown_ids(items: Sequence[Item], item_ids: Sequence[str]) -> list[Item]:
    """`items`, and a bare item for every id that is not among them."""
    known = {item.item_id for item in items}
    return [*items, *(Item(item_id) for item_id in item_ids if item_id not in known)]


def course_rates_at_start(attempts: Attempts) -> Rates:
    """Outcomes of each attempt's course, and the overall share (add-one smoothed), that were settled before the attempt began."""
    settled = attempts.settled_at
    counted = np.flatnonzero(np.isfinite(settled))
    order = counted[np.argsort(settled[counted], kind="stable")]
    total, finished = _count_settled_before(settled[order], attempts.finished[order], attempts.start)
    outcomes_of, finished_of = np.zeros(len(attempts)), np.zeros(len(attempts))
    rows_by_item, order_by_item = _by_item(attempts.item, np.arange(len(attempts))), _by_item(attempts.item, order)
    for item, rows in rows_by_item.items():
        own = order_by_item.get(item, order[:0])
        outcomes_of[rows], finished_of[rows] = _count_settled_before(settled[own], attempts.finished[own], attempts.start[rows])
    return Rates(outcomes_of, finished_of, (finished + 1) / (total + 2))


def _count_settled_before(settled: Floats, finished: npt.NDArray[np.bool_], at: Floats) -> tuple[Floats, Floats]:
    """How many outcomes, and how many finished ones, were settled strictly before each moment; `settled` ascends."""
    count = np.searchsorted(settled, at, side="left")
    sums = np.concatenate([[0], np.cumsum(finished)])
    return count.astype(np.float64), sums[count].astype(np.float64)


def _by_item(item: Ints, rows: Ints) -> dict[int, Ints]:
    """`rows` by their item, order kept."""
    order = rows[np.argsort(item[rows], kind="stable")]
    codes, firsts = np.unique(item[order], return_index=True)
    return dict(zip(codes.tolist(), np.split(order, firsts[1:]), strict=True)) if len(order) else {}


def _facts_of_learner(
    own: Attempts, courses: CourseFacts, activity: Floats | None, weekly_minutes: float | None, level: float | None
) -> LearnerFacts:
    where = np.array([courses.position_by_item_id.get(item_id, -1) for item_id in own.item_ids], np.int64)
    placed = replace(own, item=where[own.item] if len(own) else np.empty(0, np.int64))
    stated = [np.nan if value is None else float(value) for value in (weekly_minutes, level)]
    return learner_facts_now(placed, len(courses.item_ids), np.empty(0) if activity is None else activity, *stated)
