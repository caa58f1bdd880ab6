"""The chance to finish a course in words: a number, what it rests on, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from webapp.models.rollup import SMALLEST_GROUP
from webapp.recommender.serving.finish_forecast import FinishForecast
from webapp.recommender.types import LEVELS, Basis
from webapp.recommender.types import FinishReasonKind as Kind
from webapp.support.messages import N_, gettext, ngettext
from webapp.support.text import duration, weeks_in_words

if TYPE_CHECKING:  # it brings SciPy
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
_LEVEL_FINISHED: Mapping[str, str] = {
    "beginner": N_("You have finished beginner courses"),
    "intermediate": N_("You have finished intermediate courses"),
    "advanced": N_("You have finished advanced courses"),
}
_LEVEL_COURSE: Mapping[str, str] = {"beginner": N_("It is a beginner course"), "advanced": N_("It is an advanced course")}


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
    """A chance in whole percent, never 0 or 100: nothing is certain."""
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
        return "" if part.contribution > 0 else gettext("The first course you finish is still ahead of you")
    if forecast.finished == forecast.ended:
        sentence = "" if part.contribution < 0 else gettext("You finished %(courses)s so far", courses=_all_your_courses(forecast.ended))
    else:
        sentence = ngettext(
            "You finished %(finished)s of your %(num)s course so far",
            "You finished %(finished)s of your %(num)s courses so far",
            forecast.ended,
            finished=forecast.finished,
        )
    return gettext("%(sentence)s, those under way not counted", sentence=sentence) if sentence and forecast.under_way else sentence


def _all_your_courses(count: int) -> str:
    if count == 2:
        return gettext("both your courses")
    return ngettext("the one course you took", "all your %(num)s courses", count)


def _courses_started(part: "FinishPart", _forecast: FinishForecast) -> str:
    taken = _undo_log2(part, "taken")
    if not taken or part.contribution <= 0:
        return ""
    return ngettext("You have started %(num)s course here", "You have started %(num)s courses here", taken)


def _workload(part: "FinishPart", forecast: FinishForecast) -> str:
    open_ = round(part.values["open"])
    if not open_:  # of somebody who took no course yet it says nothing
        return gettext("You have no other course under way") if part.contribution > 0 and forecast.ended else ""
    if part.contribution > 0:
        return ""
    return ngettext(
        "You have %(num)s other course under way; to finish one first makes room",
        "You have %(num)s other courses under way; to finish one first makes room",
        open_,
    )


def _recency(part: "FinishPart", _forecast: FinishForecast) -> str:
    days = round(part.values.get("active_days", 0))
    if days:
        sentence = ngettext(
            "You were here on %(num)s day of the last four weeks", "You were here on %(num)s days of the last four weeks", days
        )
    elif "days_since" in part.values and part.contribution < 0:
        sentence = ngettext(
            "Your last visit was %(num)s day ago", "Your last visit was %(num)s days ago", max(_undo_log2(part, "days_since"), 1)
        )
    else:
        return ""
    return sentence if part.contribution > 0 else gettext("%(sentence)s; a regular time in the week helps", sentence=sentence)


def _learner_level(part: "FinishPart", _forecast: FinishForecast) -> str:
    return gettext(_LEVEL_FINISHED[LEVELS[round(part.values["finished_level"])]]) if part.contribution > 0 else ""


def _weekly_time(part: "FinishPart", forecast: FinishForecast) -> str:
    if not forecast.weekly_minutes:
        return ""
    sentence = gettext("You have %(time)s a week to learn", time=duration(forecast.weekly_minutes))
    return sentence if part.contribution > 0 else gettext("%(sentence)s; a little more helps", sentence=sentence)


def _course_record(part: "FinishPart", forecast: FinishForecast) -> str:
    outlook = forecast.outlook
    if outlook.outcomes < SMALLEST_GROUP:
        return ""
    values = {"share": f"{100 * outlook.finished / outlook.outcomes:.0f}", "learners": f"{outlook.outcomes:,}"}
    if part.contribution > 0:
        return gettext("%(share)s %% of the %(learners)s learners who started it earlier finished, more than usual", **values)
    return gettext("%(share)s %% of the %(learners)s learners who started it earlier finished, fewer than usual", **values)


def _length(part: "FinishPart", _forecast: FinishForecast) -> str:
    sentence = duration(_undo_log2(part, "course_minutes", less=0))
    if part.contribution > 0:
        return gettext("It is short: %(time)s", time=sentence)
    return gettext("It takes %(time)s; small steps get there too", time=sentence)


def _course_level(part: "FinishPart", _forecast: FinishForecast) -> str:
    level = LEVELS[round(part.values["course_level"])]
    easy, hard = LEVELS[0], LEVELS[-1]
    if level != (easy if part.contribution > 0 else hard):
        return ""
    return gettext(_LEVEL_COURSE[level])


def _prerequisites(part: "FinishPart", forecast: FinishForecast) -> str:
    lacking = round(part.values["prerequisites_lacking"])
    if lacking:
        if part.contribution >= 0:
            return ""
        return ngettext(
            "It builds on %(num)s course you have not finished; to take it first helps",
            "It builds on %(num)s courses you have not finished; to take them first helps",
            lacking,
        )
    if part.contribution < 0:
        return ""
    return gettext("You have finished what it builds on") if forecast.prerequisites else gettext("It needs no other course first")


def _level_gap(part: "FinishPart", forecast: FinishForecast) -> str:
    gap = part.values["level_gap"]
    if (gap > _SAME_LEVEL) == (part.contribution > 0):
        return ""
    if abs(gap) <= _SAME_LEVEL:
        return gettext("It is at your level")
    if gap < 0:
        return gettext("It is a step below your level")
    if forecast.lacking:
        return gettext("It is a step above your level; what is good to know before closes the gap")
    return gettext("It is a step above your level")


def _pace(part: "FinishPart", forecast: FinishForecast) -> str:
    if not forecast.weekly_minutes:
        return ""
    minutes = 2 ** part.values["weeks_needed"] * forecast.weekly_minutes
    weeks = weeks_in_words(round(minutes), forecast.weekly_minutes)
    sentence = gettext("At your %(time)s a week it takes %(weeks)s", time=duration(forecast.weekly_minutes), weeks=weeks)
    return sentence if part.contribution > 0 else gettext("%(sentence)s; a little more time a week shortens that", sentence=sentence)


def _familiarity(part: "FinishPart", _forecast: FinishForecast) -> str:
    alike = part.values["similarity"]
    if part.contribution > 0:
        return gettext("It is close to what you finished before") if alike > _ALIKE else ""
    return gettext("It is new ground for you, so allow yourself some time") if alike < _ALIKE else ""


def _undo_log2(part: "FinishPart", feature: str, less: int = 1) -> int:
    """The number behind a feature that is log2 of it plus `less`."""
    return round(2 ** part.values[feature]) - less


_SENTENCES: Mapping[Kind, Callable[["FinishPart", FinishForecast], str]] = {
    Kind.TRACK_RECORD: _track_record,
    Kind.EXPERIENCE: _courses_started,
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
