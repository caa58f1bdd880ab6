"""An outcome is told only when it is known."""

import numpy as np
import pandas as pd
import pytest

from recsys.completion.attempt_frames import attempts_from_frame
from recsys.completion.attempts import OneAttempt, attempts_of_learner
from recsys.errors import DataError
from tests.recsys.completion.worlds import DAY, attempts, row


def _known(found) -> list[float]:
    return [value / DAY for value in found.known]


def test_finished_and_dropped_attempts_are_known_from_their_end_on() -> None:
    found = attempts(row("a", "x", 1, 5, completed=True), row("a", "y", 2, 9), now=20)
    assert _known(found) == [5, 9]
    assert found.finished.tolist() == [True, False]


def test_silence_counts_as_stopping_only_when_it_lasted() -> None:
    rows = [row("a", "x", 0, last_active=10, progress=0.4), row("b", "x", 0, last_active=80, progress=0.4)]
    found = attempts(*rows, now=100, silent_days=30)
    assert _known(found) == [40, np.inf]  # known thirty days after the last sign; the other may still come back
    assert not found.finished.any()


def test_silence_says_nothing_where_nobodys_progress_is_recorded() -> None:
    rows = [row("a", "untracked", 0), row("b", "tracked", 0), row("c", "tracked", 0, last_active=3, progress=0.1)]
    found = attempts(*rows, now=300)
    assert np.isfinite(found.known).tolist() == [False, True, True]


def test_young_attempts_are_not_settled_however_they_ended() -> None:
    found = attempts(row("a", "x", 0, 3, completed=True), row("b", "x", 90, 92, completed=True), now=100, mature_days=50)
    assert found.settled_at.tolist() == [50 * DAY, np.inf]


def test_an_earlier_moment_knows_neither_later_attempts_nor_later_outcomes() -> None:
    found = attempts(row("a", "x", 1, 5, completed=True), row("a", "y", 2, 9), row("b", "x", 12, 13), now=20).as_of(7 * DAY)
    assert len(found) == 2
    assert _known(found) == [5, np.inf]
    assert found.last.max() <= 7 * DAY


def test_rows_without_a_time_are_left_out_and_counted() -> None:
    found = attempts(row("a", "x", np.nan, 5, completed=True), row("a", "y", 2, 9), now=20)
    assert (len(found), found.undated) == (1, 1)


def test_text_flags_and_dates_are_understood() -> None:
    frame = pd.DataFrame(
        {"user_id": [1, 1], "item_id": ["x", "y"], "timestamp": ["1970-01-02", "1970-01-03T00:00:00Z"], "completed": ["True", "0"]}
    ).assign(dropped=["", "yes"], learner_level=["advanced", None])
    found = attempts_from_frame(frame)
    assert found.start.tolist() == [DAY, 2 * DAY]
    assert found.finished.tolist() == [True, False]
    assert found.level[0] == 2
    assert np.isnan(found.level[1])


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="completed"):
        attempts_from_frame(pd.DataFrame({"user_id": ["a"], "item_id": ["x"], "timestamp": [1.0]}))


def test_one_learner_is_read_without_a_frame_as_with_one() -> None:
    rows = [
        row("me", "late", 60, last_active=99, progress=0.2),
        row("me", "done", 1, 5, completed=True),
        row("me", "left", 2, 9, last_active=9, progress=0.3),
        row("me", "silent", 30, last_active=40, progress=0.4),
        row("me", "untracked", 50, last_active=51, progress=0.0),
    ]
    framed = attempts(*rows, now=100)
    plain = [
        OneAttempt(
            r["item_id"],
            r["timestamp"] * DAY,
            r.get("last_active", r["timestamp"]) * DAY,
            r["completed"],
            r["dropped"],
            r.get("progress", np.nan),
            None if np.isnan(r["ended"]) else r["ended"] * DAY,
        )
        for r in rows
    ]
    found = attempts_of_learner(plain, 100 * DAY)
    assert [found.item_ids[i] for i in found.item] == ["done", "left", "silent", "untracked", "late"]
    for name in ("start", "last", "known", "finished", "progress"):
        np.testing.assert_array_equal(getattr(found, name), getattr(framed, name))
    assert len(attempts_of_learner([], 1.0)) == 0
