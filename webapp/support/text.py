"""Text: cleaned at the door, folded (recsys.folding) for looking up and sorting; numbers and times as people read them."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from recsys.folding import fold as fold
from recsys.folding import without_stray_unicode_tags
from webapp.support.messages import gettext, ngettext

# Of no use in text and able to hide or turn it round: controls, embeddings, overrides and isolates of direction, deprecated and
# annotation marks, the byte order mark, halves of surrogate pairs, what is no character. Joiners (U+200C, U+200D), marks of
# direction, variation selectors and the tags of emoji flags stay: scripts and emoji are written with them.
_HARMFUL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANK = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]*"
)
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_ISOLATE, _ISOLATED = "\u2068", "\u2069"

_UNSET_ZONE = "UTC"
_AFTERNOON, _EVENING, _NIGHT_ENDS = 12, 18, 5


def clean_line(text: str) -> str:
    """Text on one line, in composed form (NFC), blanks made single, without characters that only hide or turn round others."""
    return " ".join(_without_harm(unicodedata.normalize("NFC", text)).split())


def clean_text(text: str) -> str:
    """Text with its lines, in composed form (NFC), without characters that only hide or turn round others."""
    return _without_harm(_LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text))).strip()


def _without_harm(text: str) -> str:
    return without_stray_unicode_tags(_HARMFUL.sub("", text))


def is_blank(text: str) -> bool:
    """Whether nothing of the text can be seen."""
    return _BLANK.fullmatch(text) is not None


def normalized_email(text: str) -> str:
    """What was typed as an e-mail address, or a part of one, in the form accounts keep: compatible characters made one (NFKC), in
    lower case and composed anew, because some capitals have no composed form and leave their mark behind (J̌, ǰ)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).strip().lower())


def by_folded(texts: Iterable[str]) -> dict[str, str]:
    """The first of the texts that are one when folded, by what they are folded to; without empty ones."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(fold(text), text)
    first.pop("", None)
    return first


def bidi_isolated(text: str) -> str:
    """Foreign text inside a plain sentence (a title, an attribute): what runs from right to left does not turn its neighbors."""
    return f"{_ISOLATE}{text}{_ISOLATED}" if _RIGHT_TO_LEFT.search(text) else text


def duration(minutes: int) -> str:
    """`95` is "1 h 35 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("%(minutes)s min", minutes=rest)
    return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if rest else gettext("%(hours)s h", hours=hours)


def weeks_in_words(minutes: int, weekly_minutes: int) -> str:
    """How long a course takes somebody with so much time: "under a week", "about 3 weeks"."""
    weeks = minutes / weekly_minutes
    if weeks <= 1:
        return gettext("under a week")
    whole = round(weeks)
    return gettext("about a week") if whole <= 1 else gettext("about %(weeks)s weeks", weeks=whole)


def ago(then: datetime, moment: datetime) -> str:
    """Days as people say them: "today", "yesterday", "5 days ago", "3 weeks ago", "2 months ago". They are those of the calendar (UTC), as
    dates beside them are: what was yesterday at eleven in the evening is not today."""
    days = max((moment.astimezone(UTC).date() - then.astimezone(UTC).date()).days, 0)
    if days < 2:
        return gettext("yesterday") if days else gettext("today")
    if days < 14:
        return gettext("%(days)s days ago", days=days)
    if days < 61:
        return gettext("%(weeks)s weeks ago", weeks=days // 7)
    return ngettext("%(num)s month ago", "%(num)s months ago", days // 30)


def is_date_without_time(value: date) -> bool:
    """Whether a date or time is known to the day alone: an imported day is stored as its midnight in UTC."""
    return not isinstance(value, datetime) or value.time() == time.min


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


def duration_in_words(seconds: float) -> str:
    """A stretch of time in words: `40 seconds`, `1 minute`, `3 hours`, `12 days`."""
    if seconds >= 86_400:
        return ngettext("%(num)s day", "%(num)s days", int(seconds // 86_400))
    if seconds >= 3_600:
        return ngettext("%(num)s hour", "%(num)s hours", int(seconds // 3_600))
    if seconds >= 60:
        return ngettext("%(num)s minute", "%(num)s minutes", int(seconds // 60))
    return ngettext("%(num)s second", "%(num)s seconds", max(int(seconds), 0))
