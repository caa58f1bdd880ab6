"""What runs when."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.jobs.registry import JOBS, Every, Nightly

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def test_ids_are_fixed() -> None:
    assert list(JOBS) == ["retrain", "recount", "prune"]
    assert JOBS["retrain"].own_process


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, NOON + timedelta(hours=6)),
        (NOON - timedelta(hours=2), NOON + timedelta(hours=4)),
        (NOON - timedelta(days=2), NOON + timedelta(minutes=1)),
    ],
)
def test_a_restart_does_not_put_off_what_is_due(last: datetime | None, expected: datetime) -> None:
    assert Every(6).next_after(last, NOON) == expected


@pytest.mark.parametrize(
    ("last", "moment", "expected"),
    [
        (None, NOON, NOON.replace(hour=3) + timedelta(days=1)),
        (NOON.replace(hour=3), NOON, NOON.replace(hour=3) + timedelta(days=1)),
        (NOON.replace(hour=3) - timedelta(days=1), NOON, NOON + timedelta(minutes=1)),
        (NOON.replace(hour=3) - timedelta(days=1), NOON.replace(hour=1), NOON.replace(hour=3)),
    ],
)
def test_a_missed_night_is_made_up_for(last: datetime | None, moment: datetime, expected: datetime) -> None:
    assert Nightly(3).next_after(last, moment) == expected
