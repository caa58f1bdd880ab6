"""Windows of age hold out what they say."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.errors import DataError
from recsys.evaluation.ageing import position_windows, time_windows
from tests.recsys import worlds

DAY = 86_400


def daily(learners: int = 400) -> Dataset:
    """Learner n takes course A on day n / 4 and course B a day later: 800 events on about 100 days."""
    start = 1.6e9
    rows = [(f"u{n}", item, start + (n // 4 + step) * DAY) for n in range(learners) for step, item in enumerate("AB")]
    return Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]))


def test_windows_follow_each_other_and_train_on_nothing_of_their_own() -> None:
    windows = time_windows(daily(), count=5)
    assert len(windows) == 5
    start = windows[0].starts
    for before, window in pairwise(windows):
        assert before.ends == window.starts
        assert before.age < window.age
    for window in windows:
        assert window.starts is not None
        assert window.ends is not None
        assert window.age == pytest.approx(((window.starts + window.ends) / 2 - start) / DAY)
        trained, held = window.split.train.histories.timestamps, window.split.test.timestamps
        assert trained is not None
        assert held is not None
        assert trained.max() < window.starts <= held.min()
        assert held.max() < window.ends
    old = windows[0].stale.histories.timestamps
    assert old is not None
    assert old.max() < start
    assert all(window.stale is windows[0].stale for window in windows)
    assert windows[0].split.train.fingerprint == windows[0].stale.fingerprint
    assert windows[-1].ends is not None
    events = daily().histories.timestamps
    assert events is not None
    assert windows[-1].ends > events.max()


def test_without_times_or_learners_there_is_nothing_to_measure() -> None:
    ordered = Dataset.from_frames(worlds.interactions().drop(columns="timestamp"))
    with pytest.raises(DataError, match="timestamps"):
        time_windows(ordered)
    with pytest.raises(DataError, match="20 learners"):
        time_windows(daily(learners=12))


def test_by_position_every_age_has_the_same_questions_and_less_to_learn_from() -> None:
    dataset = worlds.dataset()
    windows = position_windows(dataset, ages=(2, 0, 1))
    assert [window.age for window in windows] == [0, 1, 2]
    assert all(window.split is windows[0].split for window in windows)
    lengths = np.diff(dataset.histories.indptr)
    for age, window in enumerate(windows):
        left = np.diff(window.stale.histories.indptr)
        assert left.tolist() == np.maximum(lengths - 1 - age, 1).tolist()
