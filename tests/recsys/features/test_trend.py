"""What is taken lately, in data with wrong times among them."""

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.features.trend import recent_takers

DAY = 86_400.0
START = 1.6e9
IN_2099 = 4.07e9


def taken(days: list[float], *more: tuple[str, str, float]) -> Dataset:
    """One course and one learner a day, in the order of `days`; and more rows."""
    rows = [(f"u{n}", f"c{n}", START + day * DAY) for n, day in enumerate(days)]
    return Dataset.from_frames(pd.DataFrame([*rows, *more], columns=["user_id", "item_id", "timestamp"]))


@pytest.mark.parametrize("later", [10.0, 30.0])
def test_age_is_counted_from_the_newest_event(later: float) -> None:
    assert recent_takers(taken([0, 0, later])) == pytest.approx([2 ** (-later / 30)] * 2 + [1])


def test_one_event_in_the_future_changes_its_own_course_alone() -> None:
    days = [float(day) for day in range(0, 90, 3)]
    before = recent_takers(taken(days))
    after = recent_takers(taken(days, ("u0", "c7", IN_2099)))
    assert before.min() > 0.1
    assert after - before == pytest.approx([0] * 7 + [1] + [0] * 22)


def test_few_of_many_events_may_lie_in_the_future() -> None:
    days = [90 * n / 3_000 for n in range(3_000)]
    wrong = [(f"w{n}", "wrong", IN_2099 + n * DAY) for n in range(3)]
    after = recent_takers(taken(days, *wrong))
    assert np.array_equal(after[:-1], recent_takers(taken(days)))
    assert after[-1] == 3
