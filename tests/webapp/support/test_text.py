"""Numbers and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.support.text import ago, duration, part_of_day, plural, weeks_at


@pytest.mark.parametrize(("minutes", "words"), [(1, "1 min"), (59, "59 min"), (60, "1 h"), (95, "1 h 35 min"), (600, "10 h")])
def test_durations(minutes: int, words: str) -> None:
    assert duration(minutes) == words


@pytest.mark.parametrize(
    ("minutes", "weekly", "words"), [(60, 240, "under a week"), (250, 240, "about a week"), (480, 240, "about 2 weeks")]
)
def test_how_long_a_course_takes_somebody(minutes: int, weekly: int, words: str) -> None:
    assert weeks_at(minutes, weekly) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 courses"), (1, "1 course"), (1024, "1,024 courses")])
def test_counted_words(count: int, words: str) -> None:
    assert plural(count, "course") == words


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (-1, "today"),
        (23, "today"),
        (24, "yesterday"),
        (48, "2 days ago"),
        (13 * 24, "13 days ago"),
        (20 * 24, "2 weeks ago"),
        (60 * 24, "8 weeks ago"),
        (61 * 24, "2 months ago"),
        (400 * 24, "13 months ago"),
    ],
)
def test_how_long_ago(hours: int, words: str) -> None:
    moment = datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert ago(moment - timedelta(hours=hours), moment) == words


@pytest.mark.parametrize(
    ("hour", "zone", "part"),
    [
        (8, "Europe/London", "morning"),
        (8, "Asia/Tokyo", "afternoon"),
        (12, "Europe/London", "afternoon"),
        (18, "Europe/London", "evening"),
        (3, "Europe/London", "evening"),
        (20, "America/New_York", "afternoon"),
        (8, "UTC", None),
        (8, "Middle/Earth", None),
        (8, "../etc/passwd", None),
        (8, "", None),
    ],
)
def test_the_part_of_the_day_where_the_reader_is(hour: int, zone: str, part: str | None) -> None:
    assert part_of_day(datetime(2026, 1, 15, hour, 30, tzinfo=UTC), zone) == part
