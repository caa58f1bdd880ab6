"""The chance to finish a course as its page tells it: a number, what it rests on, and why. Brings pandas: see `chances`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from recsys.completion.features import FinishReasonKind as Kind
from recsys.completion.model import Basis
from recsys.serving.completion import FinishPart, Outlook
from recsys.types import LEVELS
from webapp.recommender.serving.popularity_fallback import SMALLEST_GROUP
from webapp.support.text import duration, plural, weeks_at

_MOST_REASONS = 3
_PACE, _LEVEL = "pace", "level"
_FAMILIES = {
    Kind.LENGTH: _PACE,
    Kind.PACE: _PACE,
    Kind.WEEKLY_TIME: _PACE,
    Kind.COURSE_LEVEL: _LEVEL,
    Kind.LEVEL_GAP: _LEVEL,
    Kind.LEARNER_LEVEL: _LEVEL,
}
"""Kinds that say nearly the same: the page tells the strongest of each family."""
_ALIKE = 0.25
"""A cosine from which two courses have something in common: one topic or skill of four."""
_SAME_LEVEL = 0.25
"""Levels closer than this are the same: the learner's is a mean over courses."""


@dataclass(frozen=True, slots=True)
class Why:
    """A fact that moves the chance: up where it `helps`, else down."""

    text: str
    helps: bool


@dataclass(frozen=True, slots=True)
class FinishChance:
    """What the page tells: `percent` with its range `low` to `high`; on how many started courses it rests; the main facts behind it, what
    helps first. Where it is not about this learner, `share` is what percentage of those who started the course finished, and
    `outcomes` counts them; the estimate leans on all courses where they are few."""

    percent: int
    low: int
    high: int
    outcomes: int
    share: int | None = None
    reasons: tuple[Why, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What sentences need beside the estimate: how the learner's courses went, the time there is a week, how many courses the one
    asked about builds on, and how many of those are not finished."""

    finished: int
    ended: int
    under_way: int
    weekly_minutes: int | None
    prerequisites: int
    lacking: int


def worded(outlook: Outlook, asked: Asked) -> FinishChance | None:
    """The outlook in words; None where it would be about nobody in particular or about so few that they could be recognized."""
    estimate = outlook.estimate
    low, middle, high = (_percent(value) for value in (estimate.low, estimate.probability, estimate.high))
    if estimate.basis is Basis.MODEL:
        return FinishChance(middle, low, high, estimate.observations, reasons=_reasons(outlook, asked))
    if estimate.basis is Basis.OVERALL or outlook.outcomes < SMALLEST_GROUP:
        return None
    return FinishChance(middle, low, high, outlook.outcomes, share=round(100 * outlook.finished / outlook.outcomes))


def _percent(share: float) -> int:
    """Nothing is certain."""
    return min(max(round(100 * share), 1), 99)


def _reasons(outlook: Outlook, asked: Asked) -> tuple[Why, ...]:
    """The strongest facts that can be told, one of a family, none whose words do not bear out its sign.

    One that helps is among them where there is one, and stands first: what speaks against a course alone would only discourage.
    """
    found: dict[str, Why] = {}
    for part in outlook.parts:
        family = _FAMILIES.get(part.kind, part.kind.value)
        say = _SAY.get(part.kind)
        text = say(part, outlook, asked) if say and family not in found else ""
        if text:
            found[family] = Why(text, part.contribution > 0)
    told = list(found.values())
    kept, others = told[:_MOST_REASONS], told[_MOST_REASONS:]
    if not any(why.helps for why in kept) and (helping := [why for why in others if why.helps]):
        kept[-1] = helping[0]
    return tuple(sorted(kept, key=lambda why: not why.helps))


def _track_record(part: FinishPart, _outlook: Outlook, asked: Asked) -> str:
    if not asked.ended:
        return ""
    if not asked.finished:
        return "" if part.contribution > 0 else "The first course you finish is still ahead of you"
    aside = ", those under way not counted" if asked.under_way else ""
    if asked.finished == asked.ended:
        return "" if part.contribution < 0 else f"You finished {_all(asked.ended)} so far{aside}"
    return f"You finished {asked.finished} of your {asked.ended} courses so far{aside}"


def _all(count: int) -> str:
    return "the one course you took" if count == 1 else "both your courses" if count == 2 else f"all your {count} courses"


def _experience(part: FinishPart, _outlook: Outlook, _asked: Asked) -> str:
    taken = _count(part, "taken")
    return f"You have started {plural(taken, 'course')} here" if taken and part.contribution > 0 else ""


def _workload(part: FinishPart, _outlook: Outlook, asked: Asked) -> str:
    open_ = round(part.values["open"])
    if not open_:  # of somebody who took no course yet it says nothing
        return "You have no other course under way" if part.contribution > 0 and asked.ended else ""
    if part.contribution > 0:
        return ""
    return f"You have {plural(open_, 'other course')} under way; to finish one first makes room"


def _recency(part: FinishPart, _outlook: Outlook, _asked: Asked) -> str:
    days = round(part.values.get("active_days", 0))
    if days:
        told = f"You were here on {plural(days, 'day')} of the last four weeks"
    elif "days_since" in part.values and part.contribution < 0:
        told = f"Your last visit was {plural(max(_count(part, 'days_since'), 1), 'day')} ago"
    else:
        return ""
    return told if part.contribution > 0 else f"{told}; a regular time in the week helps"


def _learner_level(part: FinishPart, _outlook: Outlook, _asked: Asked) -> str:
    return f"You have finished {LEVELS[round(part.values['finished_level'])]} courses" if part.contribution > 0 else ""


def _weekly_time(part: FinishPart, _outlook: Outlook, asked: Asked) -> str:
    if not asked.weekly_minutes:
        return ""
    told = f"You have {duration(asked.weekly_minutes)} a week to learn"
    return told if part.contribution > 0 else f"{told}; a little more helps"


def _course_record(part: FinishPart, outlook: Outlook, _asked: Asked) -> str:
    if outlook.outcomes < SMALLEST_GROUP:
        return ""
    told = f"{100 * outlook.finished / outlook.outcomes:.0f} % of the {outlook.outcomes:,} learners who started it earlier finished"
    return f"{told}, {'more' if part.contribution > 0 else 'fewer'} than usual"


def _length(part: FinishPart, _outlook: Outlook, _asked: Asked) -> str:
    told = duration(_count(part, "course_minutes", less=0))
    return f"It is short: {told}" if part.contribution > 0 else f"It takes {told}; small steps get there too"


def _course_level(part: FinishPart, _outlook: Outlook, _asked: Asked) -> str:
    level = LEVELS[round(part.values["course_level"])]
    easy, hard = LEVELS[0], LEVELS[-1]
    if level != (easy if part.contribution > 0 else hard):
        return ""
    return f"It is {'a' if level == easy else 'an'} {level} course"


def _prerequisites(part: FinishPart, _outlook: Outlook, asked: Asked) -> str:
    lacking = round(part.values["prerequisites_lacking"])
    if lacking:
        them = "it" if lacking == 1 else "them"
        return (
            f"It builds on {plural(lacking, 'course')} you have not finished; to take {them} first helps" if part.contribution < 0 else ""
        )
    if part.contribution < 0:
        return ""
    return "You have finished what it builds on" if asked.prerequisites else "It needs no other course first"


def _level_gap(part: FinishPart, _outlook: Outlook, asked: Asked) -> str:
    gap = part.values["level_gap"]
    if (gap > _SAME_LEVEL) == (part.contribution > 0):
        return ""
    if abs(gap) <= _SAME_LEVEL:
        return "It is at your level"
    if gap < 0:
        return "It is a step below your level"
    return "It is a step above your level" + ("; what is good to know before closes the gap" if asked.lacking else "")


def _pace(part: FinishPart, _outlook: Outlook, asked: Asked) -> str:
    if not asked.weekly_minutes:
        return ""
    minutes = 2 ** part.values["weeks_needed"] * asked.weekly_minutes
    told = f"At your {duration(asked.weekly_minutes)} a week it takes {weeks_at(round(minutes), asked.weekly_minutes)}"
    return told if part.contribution > 0 else f"{told}; a little more time a week shortens that"


def _familiarity(part: FinishPart, _outlook: Outlook, _asked: Asked) -> str:
    alike = part.values["similarity"]
    if part.contribution > 0:
        return "It is close to what you finished before" if alike > _ALIKE else ""
    return "It is new ground for you, so allow yourself some time" if alike < _ALIKE else ""


def _count(part: FinishPart, feature: str, less: int = 1) -> int:
    """The number behind a feature that is log2 of it plus `less`."""
    return round(2 ** part.values[feature]) - less


_SAY: Mapping[Kind, Callable[[FinishPart, Outlook, Asked], str]] = {
    Kind.TRACK_RECORD: _track_record,
    Kind.EXPERIENCE: _experience,
    Kind.WORKLOAD: _workload,
    Kind.RECENCY: _recency,
    Kind.LEARNER_LEVEL: _learner_level,
    Kind.WEEKLY_TIME: _weekly_time,
    Kind.COURSE_RECORD: _course_record,
    Kind.LENGTH: _length,
    Kind.COURSE_LEVEL: _course_level,
    Kind.PREREQUISITES: _prerequisites,
    Kind.LEVEL_GAP: _level_gap,
    Kind.PACE: _pace,
    Kind.FAMILIARITY: _familiarity,
}
