import numpy as np
import pytest

from recsys.data.engagement import DAY, KINDS, LEAST, MOST, engagement, engagements
from recsys.errors import DataError


def test_signs_add_up_and_repeats_are_capped() -> None:
    assert engagement([("view", None, 0.0), ("enroll", None, 0.0)]).weight == pytest.approx(1.1)
    assert engagement([("view", None, 0.0)] * 50).weight == pytest.approx(KINDS["view"].cap)


def test_values_scale_a_sign() -> None:
    half, full = (engagement([("progress", share, 0.0)]).weight for share in (0.5, 1.0))
    assert half == pytest.approx(full / 2)
    assert engagement([("dwell", 6_000.0, 0.0)]).weight == pytest.approx(KINDS["dwell"].weight)


def test_old_signs_fade() -> None:
    now = 400 * DAY
    old = engagement([("enroll", None, now - 365 * DAY)], now, half_life_days=365)
    assert old.weight == pytest.approx(0.5)
    assert old.days_since_last == pytest.approx(365)


def test_the_latest_verdict_overrules() -> None:
    taken = [("enroll", None, 1.0), ("complete", None, 2.0)]
    assert engagement([*taken, ("thumbs_up", None, 3.0), ("thumbs_down", None, 4.0)]).weight == pytest.approx(-1)
    assert engagement([*taken, ("thumbs_down", None, 3.0), ("thumbs_up", None, 4.0)]).weight == pytest.approx(3, abs=1e-4)


@pytest.mark.parametrize(("stars", "weight"), [(1.0, -1.0), (3.0, 0.0), (5.0, 1.0)])
def test_ratings_count_from_the_middle(stars: float, weight: float) -> None:
    assert engagement([("rating", stars, 0.0)]).weight == pytest.approx(weight)


def test_many_pairs_agree_with_one_by_one() -> None:
    rng = np.random.default_rng(0)
    kinds = [list(KINDS)[i] for i in rng.integers(len(KINDS), size=300)]
    values, times = rng.uniform(0, 5, 300), rng.uniform(0, 900 * DAY, 300)
    groups = rng.integers(20, size=300)
    together = engagements(kinds, values, times, groups, 21, now=1000 * DAY)
    for group in range(20):
        events = [(kinds[i], float(values[i]), float(times[i])) for i in np.flatnonzero(groups == group)]
        alone = engagement(events, now=1000 * DAY)
        assert alone.weight == pytest.approx(together.weight[group], abs=1e-6)
        assert alone.frequency == together.frequency[group]
        assert alone.days_since_first == pytest.approx(together.days_since_first[group])
    assert together.weight[20] == 0
    assert np.isnan(together.days_since_last[20])
    assert ((together.weight >= LEAST) & (together.weight <= MOST)).all()


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(DataError, match="teleport"):
        engagement([("teleport", None, None)])


def test_no_events_and_no_times() -> None:
    assert engagement([]).weight == 0
    timeless = engagement([("enroll", None, None)])
    assert timeless.weight == 1
    assert np.isnan(timeless.days_since_last)
