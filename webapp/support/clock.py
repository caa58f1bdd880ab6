"""Clock: the one place that reads the time, always in UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment, time-zone aware, in UTC."""
    return datetime.now(UTC)
