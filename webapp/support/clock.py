"""Clock: the one place that reads the time, always in UTC."""

from datetime import UTC, datetime, timedelta

CLOCKS_DIFFER = timedelta(minutes=1)
"""What is stamped later than this from now was stamped by a clock that was ahead."""


def now() -> datetime:
    """The current moment, time-zone aware, in UTC."""
    return datetime.now(UTC)
