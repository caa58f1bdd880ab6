"""Schedules of jobs in words."""


def every(hours: int) -> str:
    """A job that runs at a fixed distance."""
    return "every hour" if hours == 1 else f"every {hours} hours"


def nightly(hour: int, minute: int) -> str:
    """A job that runs once a day."""
    return f"nightly at {hour:02}:{minute:02} UTC"
