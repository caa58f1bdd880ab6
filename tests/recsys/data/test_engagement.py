import numpy as np
import pytest

from recsys.data.engagement import DAY, KINDS, LEAST, LEFT, MOST, engagement_of_learner_with_course, engagements, kind_codes
from recsys.errors import DataError


def test_signs_add_up_and_repeats_are_capped() -> None:
    assert engagement_of_learner_with_course([("view", None, 0.0), ("enroll", None, 0.0)]).weight == pytest.approx(1.1)
    assert engagement_of_learner_with_course([("view", None, 0.0)] * 50).weight == pytest.approx(KINDS["view"].cap)


def test_values_scale_a_sign() -> None:
    half, full = (engagement_of_learner_with_course([("progress", share, 0.0)]).weight for share in (0.5, 1.0))
    assert half == pytest.approx(full / 2)
    assert engagement_of_learner_with_course([("dwell", 6_000.0, 0.0)]).weight == pytest.approx(KINDS["dwell"].weight)


def test_old_signs_fade() -> None:
    now = 400 * DAY
    old = engagement_of_learner_with_course([("enroll", None, now - 365 * DAY)], now, half_life_days=365)
    assert old.weight == pytest.approx(0.5)
    assert old.days_since_last == pytest.approx(365)


def test_the_latest_verdict_overrules() -> None:
    taken = [("enroll", None, 1.0), ("complete", None, 2.0)]
    assert engagement_of_learner_with_course([*taken, ("thumbs_up", None, 3.0), ("thumbs_down", None, 4.0)]).weight == pytest.approx(-1)
    assert engagement_of_learner_with_course([*taken, ("thumbs_down", None, 3.0), ("thumbs_up", None, 4.0)]).weight == pytest.approx(
        3, abs=1e-4
    )


LOOKED_AND_TAKEN = [("view", None, 1.0), ("click", None, 1.0), ("enroll", None, 2.0), ("progress", 0.8, 3.0)]


def test_a_course_that_was_left_is_less_than_an_interest_however_far_it_was_followed() -> None:
    assert engagement_of_learner_with_course(LOOKED_AND_TAKEN).weight > 1
    assert engagement_of_learner_with_course([*LOOKED_AND_TAKEN, ("drop", None, 4.0)]).weight == pytest.approx(LEFT)
    assert engagement_of_learner_with_course([("enroll", None, 1.0), ("drop", None, 2.0)]).weight == pytest.approx(LEFT)
    assert 0 < LEFT < 1


@pytest.mark.parametrize("again", ["enroll", "progress", "complete"])
def test_taken_up_again_it_counts_as_before(again: str) -> None:
    events = [*LOOKED_AND_TAKEN, (again, 0.8 if again == "progress" else None, 5.0)]
    assert engagement_of_learner_with_course([*events, ("drop", None, 4.0)]).weight == pytest.approx(
        engagement_of_learner_with_course(events).weight
    )


def test_without_times_the_last_given_event_says_whether_it_was_left() -> None:
    taken, left = ("enroll", None, None), ("drop", None, None)
    assert engagement_of_learner_with_course([taken, left]).weight == pytest.approx(LEFT)
    assert engagement_of_learner_with_course([taken, left, taken]).weight == pytest.approx(1)


def test_a_course_left_long_ago_counts_less_and_a_verdict_in_full() -> None:
    old = [("enroll", None, 0.0), ("drop", None, DAY)]
    assert engagement_of_learner_with_course(old, now=4 * 365 * DAY).weight == pytest.approx(1 / 16, abs=1e-3)
    assert engagement_of_learner_with_course([*old, ("thumbs_down", None, 2 * DAY)]).weight == pytest.approx(-1)
    assert engagement_of_learner_with_course([*old, ("thumbs_up", None, 2 * DAY)]).weight == pytest.approx(LEFT + 1, abs=0.01)


@pytest.mark.parametrize(("stars", "weight"), [(1.0, -1.0), (3.0, 0.0), (5.0, 1.0)])
def test_ratings_count_from_the_middle(stars: float, weight: float) -> None:
    assert engagement_of_learner_with_course([("rating", stars, 0.0)]).weight == pytest.approx(weight)


def test_many_pairs_agree_with_one_by_one() -> None:
    rng = np.random.default_rng(0)
    kinds = [list(KINDS)[i] for i in rng.integers(len(KINDS), size=300)]
    values, times = rng.uniform(0, 5, 300), rng.uniform(0, 900 * DAY, 300)
    groups = rng.integers(20, size=300)
    together = engagements(kind_codes(kinds), values, times, groups, 21, now=1000 * DAY)
    for group in range(20):
        events = [(kinds[i], float(values[i]), float(times[i])) for i in np.flatnonzero(groups == group)]
        alone = engagement_of_learner_with_course(events, now=1000 * DAY)
        assert alone.weight == pytest.approx(together.weight[group], abs=1e-6)
        assert alone.frequency == together.frequency[group]
        assert alone.days_since_first == pytest.approx(together.days_since_first[group])
    assert together.weight[20] == 0
    assert np.isnan(together.days_since_last[20])
    assert ((together.weight >= LEAST) & (together.weight <= MOST)).all()


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(DataError, match="teleport"):
        engagement_of_learner_with_course([("teleport", None, None)])


def test_no_events_and_no_times() -> None:
    assert engagement_of_learner_with_course([]).weight == 0
    timeless = engagement_of_learner_with_course([("enroll", None, None)])
    assert timeless.weight == 1
    assert np.isnan(timeless.days_since_last)
