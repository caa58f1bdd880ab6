"""The chance to finish a course in words: a number, what it rests on, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp.models.rollup import SMALLEST_GROUP
from webapp.recommender.serving.chances import FinishForecast
from webapp.recommender.types import LEVELS, Basis
from webapp.recommender.types import FinishReasonKind as Kind
from webapp.support.text import duration, plural, weeks_at

if TYPE_CHECKING:  # it brings pandas
    from webapp.recommender.types import FinishPart

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
"""Kinds that say nearly the same: the page names the strongest of each family."""
_ALIKE = 0.25
"""A cosine from which two courses have something in common: one topic or skill of four."""
_SAME_LEVEL = 0.25
"""Levels closer than this are the same: the learner's is a mean over courses."""


@dataclass(frozen=True, slots=True)
class FinishReason:
    """A fact that moves the chance: up where it `helps`, else down."""

    text: str
    helps: bool


@dataclass(frozen=True, slots=True)
class FinishChance:
    """What the page says: `percent` with its range `low` to `high`; on how many started courses it rests; the main facts behind it, what
    helps first. Where it is not about this learner, `share` is what percentage of those who started the course finished, and
    `outcomes` counts them; the estimate leans on all courses where they are few."""

    percent: int
    low: int
    high: int
    outcomes: int
    share: int | None = None
    reasons: tuple[FinishReason, ...] = ()


def finish_chance(forecast: FinishForecast) -> FinishChance | None:
    """The forecast in words; None where it would be about nobody in particular or about so few that they could be recognized."""
    outlook = forecast.outlook
    estimate = outlook.estimate
    low, middle, high = (_percent(value) for value in (estimate.low, estimate.probability, estimate.high))
    if estimate.basis is Basis.MODEL:
        return FinishChance(middle, low, high, estimate.observations, reasons=_reasons(forecast))
    if estimate.basis is Basis.OVERALL or outlook.outcomes < SMALLEST_GROUP:
        return None
    return FinishChance(middle, low, high, outlook.outcomes, share=round(100 * outlook.finished / outlook.outcomes))


def _percent(share: float) -> int:
    """Nothing is certain."""
    return min(max(round(100 * share), 1), 99)


def _reasons(forecast: FinishForecast) -> tuple[FinishReason, ...]:
    """The strongest facts that can be put into words, one of a family, none whose words do not bear out its sign.

    One that helps is among them where there is one, and stands first: what speaks against a course alone would only discourage.
    """
    by_family: dict[str, FinishReason] = {}
    for part in forecast.outlook.parts:
        family = _FAMILIES.get(part.kind, part.kind.value)
        sentence = _SENTENCES.get(part.kind)
        text = sentence(part, forecast) if sentence and family not in by_family else ""
        if text:
            by_family[family] = FinishReason(text, part.contribution > 0)
    reasons = list(by_family.values())
    kept, others = reasons[:_MOST_REASONS], reasons[_MOST_REASONS:]
    if not any(reason.helps for reason in kept) and (helping := [reason for reason in others if reason.helps]):
        kept[-1] = helping[0]
    return tuple(sorted(kept, key=lambda reason: not reason.helps))


def _track_record(part: "FinishPart", forecast: FinishForecast) -> str:
    if not forecast.ended:
        return ""
    if not forecast.finished:
        return "" if part.contribution > 0 else "The first course you finish is still ahead of you"
    aside = ", those under way not counted" if forecast.under_way else ""
    if forecast.finished == forecast.ended:
        return "" if part.contribution < 0 else f"You finished {_all(forecast.ended)} so far{aside}"
    return f"You finished {forecast.finished} of your {forecast.ended} courses so far{aside}"


def _all(count: int) -> str:
    return "the one course you took" if count == 1 else "both your courses" if count == 2 else f"all your {count} courses"


def _experience(part: "FinishPart", _forecast: FinishForecast) -> str:
    taken = _count(part, "taken")
    return f"You have started {plural(taken, 'course')} here" if taken and part.contribution > 0 else ""


def _workload(part: "FinishPart", forecast: FinishForecast) -> str:
    open_ = round(part.values["open"])
    if not open_:  # of somebody who took no course yet it says nothing
        return "You have no other course under way" if part.contribution > 0 and forecast.ended else ""
    if part.contribution > 0:
        return ""
    return f"You have {plural(open_, 'other course')} under way; to finish one first makes room"


def _recency(part: "FinishPart", _forecast: FinishForecast) -> str:
    days = round(part.values.get("active_days", 0))
    if days:
        sentence = f"You were here on {plural(days, 'day')} of the last four weeks"
    elif "days_since" in part.values and part.contribution < 0:
        sentence = f"Your last visit was {plural(max(_count(part, 'days_since'), 1), 'day')} ago"
    else:
        return ""
    return sentence if part.contribution > 0 else f"{sentence}; a regular time in the week helps"


def _learner_level(part: "FinishPart", _forecast: FinishForecast) -> str:
    return f"You have finished {LEVELS[round(part.values['finished_level'])]} courses" if part.contribution > 0 else ""


def _weekly_time(part: "FinishPart", forecast: FinishForecast) -> str:
    if not forecast.weekly_minutes:
        return ""
    sentence = f"You have {duration(forecast.weekly_minutes)} a week to learn"
    return sentence if part.contribution > 0 else f"{sentence}; a little more helps"


def _course_record(part: "FinishPart", forecast: FinishForecast) -> str:
    outlook = forecast.outlook
    if outlook.outcomes < SMALLEST_GROUP:
        return ""
    sentence = f"{100 * outlook.finished / outlook.outcomes:.0f} % of the {outlook.outcomes:,} learners who started it earlier finished"
    return f"{sentence}, {'more' if part.contribution > 0 else 'fewer'} than usual"


def _length(part: "FinishPart", _forecast: FinishForecast) -> str:
    sentence = duration(_count(part, "course_minutes", less=0))
    return f"It is short: {sentence}" if part.contribution > 0 else f"It takes {sentence}; small steps get there too"


def _course_level(part: "FinishPart", _forecast: FinishForecast) -> str:
    level = LEVELS[round(part.values["course_level"])]
    easy, hard = LEVELS[0], LEVELS[-1]
    if level != (easy if part.contribution > 0 else hard):
        return ""
    return f"It is {'a' if level == easy else 'an'} {level} course"


def _prerequisites(part: "FinishPart", forecast: FinishForecast) -> str:
    lacking = round(part.values["prerequisites_lacking"])
    if lacking:
        them = "it" if lacking == 1 else "them"
        return (
            f"It builds on {plural(lacking, 'course')} you have not finished; to take {them} first helps" if part.contribution < 0 else ""
        )
    if part.contribution < 0:
        return ""
    return "You have finished what it builds on" if forecast.prerequisites else "It needs no other course first"


def _level_gap(part: "FinishPart", forecast: FinishForecast) -> str:
    gap = part.values["level_gap"]
    if (gap > _SAME_LEVEL) == (part.contribution > 0):
        return ""
    if abs(gap) <= _SAME_LEVEL:
        return "It is at your level"
    if gap < 0:
        return "It is a step below your level"
    return "It is a step above your level" + ("; what is good to know before closes the gap" if forecast.lacking else "")


def _pace(part: "FinishPart", forecast: FinishForecast) -> str:
    if not forecast.weekly_minutes:
        return ""
    minutes = 2 ** part.values["weeks_needed"] * forecast.weekly_minutes
    sentence = f"At your {duration(forecast.weekly_minutes)} a week it takes {weeks_at(round(minutes), forecast.weekly_minutes)}"
    return sentence if part.contribution > 0 else f"{sentence}; a little more time a week shortens that"


def _familiarity(part: "FinishPart", _forecast: FinishForecast) -> str:
    alike = part.values["similarity"]
    if part.contribution > 0:
        return "It is close to what you finished before" if alike > _ALIKE else ""
    return "It is new ground for you, so allow yourself some time" if alike < _ALIKE else ""


def _count(part: "FinishPart", feature: str, less: int = 1) -> int:
    """The number behind a feature that is log2 of it plus `less`."""
    return round(2 ** part.values[feature]) - less


_SENTENCES: Mapping[Kind, Callable[["FinishPart", FinishForecast], str]] = {
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
