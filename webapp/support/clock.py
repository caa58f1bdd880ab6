"""Clock: the one place that reads the time, always in UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment, time-zone aware, in UTC."""
    return datetime.now(UTC)


def from_epoch(seconds: float) -> datetime:
    """An aware UTC datetime of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)
