"""Sample charts for the style page: each kind once, with numbers that look like somebody's month."""

from dataclasses import replace
from typing import Any

from webapp.web.charts.bars import bar_chart
from webapp.web.charts.calibration import Group, calibration_chart
from webapp.web.charts.control import control_chart
from webapp.web.charts.heat import heat_map
from webapp.web.charts.histogram import histogram
from webapp.web.charts.line import Limit, LineChart, Mark, Series, line_chart
from webapp.web.charts.multiples import Panel, small_multiples
from webapp.web.charts.parts import Caption
from webapp.web.charts.slope import Change, slope_chart
from webapp.web.charts.spark import Spark, sparkline

_DAYS = tuple(f"Nov {day}" for day in range(3, 31))
_WEEKS = ("Aug 3", "Aug 10", "Aug 17", "Aug 24", "Aug 31", "Sep 7", "Sep 14", "Sep 21")
_CSV = "#charts"


def sample_charts(tone: str) -> dict[str, Any]:
    """One chart of each kind. The name of the theme stands in each title, so that no two regions of the page have the same name."""
    return {name: _with_tone_in_heading(chart, tone) for name, chart in _charts().items()} | {"sparks": _sparks()}


def _with_tone_in_heading(chart: Any, tone: str) -> Any:
    if isinstance(chart, tuple):
        return tuple(_with_tone_in_heading(each, tone) for each in chart)
    return replace(chart, caption=replace(chart.caption, heading=f"{chart.caption.heading}, {tone}"))


def _sparks() -> dict[str, Spark]:
    return {
        "up": sparkline("Rising from 68 to 91, past the goal of 90", [68, 72, 75, 79, 83, 82, 86, 91], target=90),
        "flat": sparkline("Unchanged at 12", [12, 12, 12, 12]),
        "none": sparkline("Not measured yet", []),
    }


def _charts() -> dict[str, Any]:
    return {
        "bars": bar_chart(
            Caption("What the draft changes", "It gives more topics and costs a little accuracy.", "points against the live policy", _CSV),
            ["Topics a learner", "Catalog shown", "Niche share", "NDCG@10"],
            [Series("Draft", [14, 7.5, 2, -3.2])],
            first="Measure",
            digits=1,
        ),
        "growth": line_chart(
            Caption("Learners a week", "More begin each week, and more than half of them finish.", "people", _CSV),
            _WEEKS,
            [Series("Started", [120, 134, 141, 160, 152, 171, 188, 204]), Series("Finished", [40, 44, None, 61, 66, 70, 84, 91])],
            first="Week of",
        ),
        "effect": _effect(),
        "control": _control(),
        "multiples": _multiples(),
        "heat": heat_map(
            Caption("Where clicks come from", "“After Joins and keys” is opened most, at its first place.", "opened in 100 showings", _CSV),
            ["Recommended for you", "Because you took …", "After Joins and keys", "New for you"],
            [str(place) for place in range(1, 11)],
            [[14, 12, 11, 9, 8, 7, 6, 5, 5, 4], [13, 10, 8, 7, 6, 5], [18, 12, 9], [7, 6, 5, 5, 4, 4, None, 1]],
            first="Shelf",
        ),
        "histogram": histogram(
            Caption("How long courses take", "Half of them take less than 5 hours; two take more than 12.", "courses by hours", _CSV),
            _hours(),
            what="Courses",
            first="Hours",
            mark=(4.85, "median 4.9"),
        ),
        "slope": _slope(),
        "calibration": calibration_chart(
            Caption("Do stated chances come true?", "Nearly: low chances are stated a little too high.", "share who finished, %"),
            [Group(400, 22, 15, 12, 19), Group(380, 48, 44, 39, 49), Group(390, 71, 72, 67, 76), Group(410, 90, 91, 88, 94)],
            stated="chance stated",
            true="finished",
            size="attempts",
        ),
    }


def _effect() -> LineChart:
    middle = [2, -3, 1, 4.5, 7, 6.4, 8, 8.3, 7.2, 8.1, 8.6, 8.2, 7.9, 8.4, 8.6, 8.5, 9.1, 8.8, 9.2, 8.9, 9]
    wide = [20 / (1 + n / 2.6) ** 0.55 for n in range(len(middle))]
    days = [f"Nov {day}" for day in range(9, 30)]
    return line_chart(
        Caption("B brings 9 more enrollments", "The interval leaves zero after the earliest end.", "B − A, per 100 learners", _CSV),
        days,
        [
            Series(
                "Difference",
                middle,
                [round(m - w, 1) for m, w in zip(middle, wide, strict=True)],
                [round(m + w, 1) for m, w in zip(middle, wide, strict=True)],
                "95 % interval",
            )
        ],
        digits=1,
        marks=[Mark(13, "earliest end"), Mark(16, "above 0")],
    )


def _control() -> LineChart:
    first = [41, 40, 42, 41, 39, 42, 40, None, 41, 43, 40, 41, 39, 41, 42, 40, 50, 41, 40]
    values: list[float | None] = [*first, 43, 42, 43, 42, 44, 43, 42, 43, 42]
    return control_chart(
        Caption("Time for 95 of 100 shelves", "One day stood out, and since Nov 22 every day was slower than the center.", "ms", _CSV),
        _DAYS,
        "Time",
        values,
        marks=[Mark(6, "policy 13"), Mark(18, "disk full")],
    )


def _multiples() -> tuple[LineChart, ...]:
    opened = [7.7 + (n * 5 % 7) / 12 + (0.4 if n == 16 else 0) for n in range(28)]
    topics = [4.0 + (n * 7 % 5) / 20 for n in range(28)]
    outside = [55 + n / 6 + (n * 5 % 3) for n in range(28)]
    return small_multiples(
        _DAYS,
        [
            Panel(
                Caption("Opened, of what was shown", "It moves as it usually does.", "%", _CSV),
                opened,
                "7.9 %",
                "+0.2 points",
                (7.5, 8.2),
                digits=1,
            ),
            Panel(
                Caption("Topics in a learner’s first ten", "Below the target of 6.", csv=_CSV),
                topics,
                "4.2",
                "target 6",
                (3.9, 4.3),
                Limit(6, "target"),
                digits=1,
            ),
            Panel(
                Caption("Share outside the popular fifth", "It rises since policy 13.", "%", _CSV), outside, "60 %", "+4 points", (52, 60)
            ),
        ],
        [Mark(6, "policy 13")],
    )


def _hours() -> list[float]:
    return [round(0.5 + (n * n % 53) / 9 + (n % 7) * 0.4 + (6 if n % 19 == 0 else 0), 1) for n in range(132)]


def _slope() -> Any:
    return slope_chart(
        Caption("Two courses leave for two topics she has not met", "“From sample to claim” rises two places.", "place on the shelf", _CSV),
        [
            Change("Joins without surprises", 1, 1),
            Change("Cleaning data you did not make", 2, 2),
            Change("Ask the data first", 3, 6),
            Change("Dashboards people open twice", 4, 4),
            Change("From sample to claim", 5, 3),
            Change("Charts that tell the truth", 6, None),
            Change("Your first honest model", None, 5),
        ],
        ("Live, policy 13", "Draft, policy 15"),
        first="Course",
        places=True,
    )
