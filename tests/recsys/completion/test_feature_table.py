"""Features hold what was known at enrollment, the same when learning and when asked."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recsys.completion.feature_table import Rates, build_table, course_rates_at_start, table_for_learner
from recsys.completion.features import FEATURES, CourseFacts
from tests.recsys.completion.worlds import DAY, ITEMS, attempts, random_attempts, row

COLUMN = {feature.name: column for column, feature in enumerate(FEATURES)}


def _value(table, name: str, index: int = -1) -> float:
    return float(table.values[index, COLUMN[name]])


def test_facts_of_a_learner_with_a_past() -> None:
    rows = (
        row("a", "basics", 0, 10, completed=True, weekly_minutes=120),
        row("a", "sketching", 12, 20, progress=0.25, weekly_minutes=120),
        row("a", "joins", 40, weekly_minutes=120),
        row("a", "models", 50, weekly_minutes=120),
    )
    table = build_table(attempts(*rows, now=60), ITEMS)
    share = (1 + 1) / (2 + 2)  # everyone's, add-one smoothed; drawn to it by two outcomes
    assert _value(table, "finished_share") == pytest.approx((1 + 2 * share) / 4)
    assert _value(table, "usual_progress") == pytest.approx((1.25 + 2 * share) / 4)
    assert _value(table, "taken") == pytest.approx(np.log2(4))
    assert _value(table, "open") == 1
    assert _value(table, "days_since") == pytest.approx(np.log2(1 + 10))
    assert _value(table, "active_days") == 1  # of the 28 before, the day the course before was begun
    assert _value(table, "finished_level") == 0
    assert _value(table, "course_level") == 2
    assert _value(table, "level_gap") == 2
    assert _value(table, "prerequisites_lacking") == 1
    assert _value(table, "weeks_needed") == pytest.approx(2)
    assert _value(table, "similarity") == pytest.approx(0.5)  # the topic of two labels each
    assert _value(table, "course_rate") == pytest.approx(share)


def test_a_first_attempt_has_no_record() -> None:
    table = build_table(attempts(row("a", "joins", 0), now=1), ITEMS)
    for name in ("finished_share", "usual_progress", "days_since", "finished_level", "level_gap", "similarity", "weeks_needed"):
        assert np.isnan(_value(table, name)), name
    assert (_value(table, "taken"), _value(table, "active_days"), _value(table, "prerequisites_lacking")) == (0, 0, 1)


def test_a_stated_level_stands_in_until_courses_are_finished() -> None:
    table = build_table(attempts(row("a", "joins", 0, learner_level="beginner"), now=1), ITEMS)
    assert _value(table, "level_gap") == 1


def test_nothing_of_the_future_is_in_a_row() -> None:
    found = replace(random_attempts(), mature_days=20.0)
    activity = pd.DataFrame({"user_id": [f"u{i % 40}" for i in range(400)], "timestamp": np.linspace(0, 200, 400) * DAY})
    whole = build_table(found, ITEMS, activity=activity)
    for index in range(0, len(found), 5):
        moment = float(np.nextafter(found.start[index], np.inf))
        past = found.as_of(moment)
        then = build_table(past, ITEMS, activity=activity[activity["timestamp"] < moment])
        here = int(np.flatnonzero((past.user == found.user[index]) & (past.start == found.start[index]))[0])
        np.testing.assert_array_equal(then.values[here], whole.values[index])


def test_asked_at_the_moment_of_enrolling_the_row_is_the_one_learned_from() -> None:
    found, courses = random_attempts(), CourseFacts.of(ITEMS)
    whole, rates = build_table(found, ITEMS), course_rates_at_start(found)
    for index in np.flatnonzero(np.bincount(found.user)[found.user] > 2):
        of_learner = found.user == found.user[index]
        own = replace(
            found,
            **{name: getattr(found, name)[of_learner] for name in ("user", "item", "start", "last", "known", "finished", "progress")},
            weekly=found.weekly[of_learner],
            level=found.level[of_learner],
        ).as_of(float(found.start[index]))
        item = courses.position_by_item_id[found.item_ids[found.item[index]]]
        here = Rates(*(np.full(len(ITEMS), values[index]) for values in (rates.outcomes, rates.finished, rates.overall)))
        asked = table_for_learner(own, courses, here, weekly_minutes=float(found.weekly[index]))
        np.testing.assert_allclose(asked.values[item], whole.values[index], rtol=1e-6)


def test_some_courses_or_all() -> None:
    own, courses = attempts(row("a", "basics", 0, 2, completed=True), now=5), CourseFacts.of(ITEMS)
    rates = Rates(np.arange(4.0), np.zeros(4), np.full(4, 0.5))
    whole, some = (table_for_learner(own, courses, rates, items=items) for items in (None, np.array([3, 1])))
    np.testing.assert_array_equal(some.values, whole.values[[3, 1]])
    assert some.item_ids == ("sketching", "joins")


def test_of_a_visitor_nothing_is_known() -> None:
    rates = Rates(np.zeros(4), np.zeros(4), np.full(4, 0.5))
    table = table_for_learner(None, CourseFacts.of(ITEMS), rates)
    known = np.isfinite(table.values[0])
    assert [f.name for f, there in zip(FEATURES, known, strict=True) if there] == ["course_rate", "course_minutes", "course_level"]


def test_a_learner_without_attempts_is_new_not_unknown() -> None:
    own = attempts(row("a", "basics", 5), now=9).as_of(DAY)
    rates = Rates(np.zeros(4), np.zeros(4), np.full(4, 0.5))
    table = table_for_learner(own, CourseFacts.of(ITEMS), rates, weekly_minutes=60, level=1.0)
    assert _value(table, "taken", 0) == 0
    assert _value(table, "level_gap", 2) == 1


def test_course_rates_count_settled_outcomes_only() -> None:
    rows = [row(f"u{i}", "basics", i, i + 1, completed=i < 3) for i in range(4)]
    found = replace(attempts(*rows, row("late", "basics", 32), now=40), mature_days=30.0)
    rates = course_rates_at_start(found)
    last = int(np.argmax(found.start))
    assert (rates.outcomes[last], rates.finished[last]) == (2, 2)  # those of days 0 and 1 are thirty days old by day 32
    assert rates.overall[last] == pytest.approx(3 / 4)


def test_courses_the_catalog_lost_are_known_by_their_record_alone() -> None:
    table = build_table(attempts(row("a", "gone", 0, 2, completed=True), row("a", "basics", 5), now=9), ITEMS)
    assert table.item_ids == ("gone", "basics")
    assert np.isnan(_value(table, "course_minutes", 0))
    assert np.isnan(_value(table, "similarity"))
    assert _value(table, "finished_share") > 0.5


def test_open_attempts_have_no_outcome() -> None:
    table = build_table(attempts(row("a", "joins", 0), row("b", "joins", 0, 3), now=5), ITEMS)
    assert np.isnan(table.outcome[0])
    assert table.outcome[1] == 0
