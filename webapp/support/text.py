"""Numbers and times as people read them."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_UNSET_ZONE = "UTC"
_AFTERNOON, _EVENING, _NIGHT_ENDS = 12, 18, 5


def duration(minutes: int) -> str:
    """`95` is "1 h 35 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def weeks_at(minutes: int, weekly_minutes: int) -> str:
    """How long a course takes somebody with so much time: "under a week", "about 3 weeks"."""
    weeks = minutes / weekly_minutes
    if weeks <= 1:
        return "under a week"
    whole = round(weeks)
    return "about a week" if whole <= 1 else f"about {whole} weeks"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 course`, `1,024 courses`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def ago(then: datetime, moment: datetime) -> str:
    """Whole days as people say them: "today", "yesterday", "5 days ago", "3 weeks ago", "2 months ago"."""
    days = max((moment - then).days, 0)
    if days < 2:
        return "yesterday" if days else "today"
    if days < 14:
        return f"{days} days ago"
    return f"{days // 7} weeks ago" if days < 61 else plural(days // 30, "month") + " ago"


def part_of_day(moment: datetime, timezone: str) -> str | None:
    """`morning`, `afternoon` or `evening` where the reader is; None where nobody said which zone that is."""
    if timezone == _UNSET_ZONE:
        return None
    try:
        hour = moment.astimezone(ZoneInfo(timezone)).hour
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    if _NIGHT_ENDS <= hour < _AFTERNOON:
        return "morning"
    return "afternoon" if _AFTERNOON <= hour < _EVENING else "evening"


def about(seconds: float) -> str:
    """A stretch of time in words: `40 seconds`, `1 minute`, `3 hours`, `12 days`."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return plural(int(seconds // size), unit)
    return plural(max(int(seconds), 0), "second")
