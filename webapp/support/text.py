"""Numbers and times as people read them."""


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
