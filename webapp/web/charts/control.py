"""Control charts (individuals and moving range): does a process only vary as it always has, or did something change?

Limits are the mean ± 2.66 mean moving ranges, which is three standard deviations of what varies from one value to the next
(Shewhart; Wheeler, Understanding Variation, 1993). Signals are rules 1, 2 and 4 of Western Electric (1956).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from math import fsum, isclose

from webapp.support.messages import N_, gettext
from webapp.web.charts.line import Limit, LineChart, Mark, Series, line_chart
from webapp.web.charts.parts import Caption, ChartTable, Key, even_positions, padded_to_length, series_tone
from webapp.web.charts.scale import Number, drawable_values, is_drawable, number_text

_RANGE_TO_SIGMA = 1.128  # d2 of two values
_RUN = 8
_SAME = 1e-9  # sums of floats differ by so much


class Signal(StrEnum):
    """Why a point is no chance."""

    OUTSIDE = "outside"
    TWO_OF_THREE = "two_of_three"
    RUN = "run"


SIGNAL_WORDS = {
    Signal.OUTSIDE: N_("outside the limits"),
    Signal.TWO_OF_THREE: N_("two of three far from the center"),
    Signal.RUN: N_("eight in a row on one side"),
}


@dataclass(frozen=True, slots=True)
class ControlLimits:
    """Where values lie as long as nothing changes: `center` ± 3 `sigma`, never beyond what the measure can be."""

    center: float
    sigma: float
    lowest: float | None = None
    highest: float | None = None

    @property
    def low(self) -> float:
        """The lower limit."""
        low = self.center - 3 * self.sigma
        return low if self.lowest is None else max(low, self.lowest)

    @property
    def high(self) -> float:
        """The upper limit."""
        high = self.center + 3 * self.sigma
        return high if self.highest is None else min(high, self.highest)


def control_limits(baseline: Sequence[Number], lowest: float | None = None, highest: float | None = None) -> ControlLimits | None:
    """Limits from values of a quiet time; None from fewer than two. `lowest` and `highest` are what the measure cannot pass."""
    values = drawable_values(baseline)
    if len(values) < 2:
        return None
    ranges = [abs(after - before) for before, after in pairwise(values)]
    center = fsum(values) / len(values)
    return ControlLimits(center, sum(each / len(ranges) for each in ranges) / _RANGE_TO_SIGMA, lowest, highest)


def signals(values: Sequence[Number], limits: ControlLimits) -> dict[int, Signal]:
    """Points that chance does not explain, with the first rule that says so. Missing values interrupt nothing and count for nothing."""
    places = [n for n, value in enumerate(values) if is_drawable(value)]
    numbers = drawable_values(values)
    off = [0.0 if isclose(number, limits.center, rel_tol=_SAME) else number - limits.center for number in numbers]
    by_place: dict[int, Signal] = {}
    for n, number in enumerate(numbers):
        if rule := _broken_rule(number, off[max(n - _RUN + 1, 0) : n + 1], limits):
            by_place[places[n]] = rule
    return by_place


def _broken_rule(number: float, off: Sequence[float], limits: ControlLimits) -> Signal | None:
    """The rule that the last of these distances from the center breaks."""
    side = 1 if off[-1] > 0 else -1
    distances = [side * each for each in off]
    nearest = min(max(number, limits.low), limits.high)
    if not isclose(number, nearest, rel_tol=_SAME):
        return Signal.OUTSIDE
    if off[-1] and distances[-1] > 2 * limits.sigma and sum(each > 2 * limits.sigma for each in distances[-3:]) >= 2:
        return Signal.TWO_OF_THREE
    return Signal.RUN if len(distances) == _RUN and all(each > 0 for each in distances) else None


def control_chart(
    caption: Caption,
    labels: Sequence[str],
    name: str,
    values: Sequence[Number],
    limits: ControlLimits | None = None,
    *,
    first: str = "",
    digits: int = 0,
    marks: Sequence[Mark] = (),
) -> LineChart:
    """Values with center and limits; points with a signal are marked and say why. Limits come from the values themselves if not given."""
    shown = padded_to_length(values, len(labels))
    limits = limits or control_limits(shown)
    series = [Series(name, shown)]
    if limits is None:
        return line_chart(caption, labels, series, first=first, digits=digits, marks=marks, zero=False)
    levels = [
        Limit(round(limits.high, digits + 1), gettext("upper limit"), "bound"),
        Limit(round(limits.center, digits + 1), gettext("center"), "center"),
        Limit(round(limits.low, digits + 1), gettext("lower limit"), "bound"),
    ]
    chart = line_chart(caption, labels, series, first=first, digits=digits, marks=marks, limits=levels, zero=False)
    return _with_signals(chart, labels, shown, signals(shown, limits), levels[1])


def _with_signals(chart: LineChart, labels: Sequence[str], values: Sequence[Number], broken: dict[int, Signal], center: Limit) -> LineChart:
    line, xs, scale = chart.lines[0], even_positions(len(labels)), chart.scale
    dots = [dot for dot in line.dots if dot.x not in {xs[n] for n in broken}]
    for n, signal in broken.items():
        value = drawable_values([values[n]])[0]
        number = number_text(value, chart.numbers.digits)
        words = gettext("%(label)s: %(value)s, %(signal)s", label=labels[n], value=number, signal=gettext(SIGNAL_WORDS[signal]))
        dots.append(replace(line.dots[0], x=xs[n], y=scale.percent_from_top(value), text=words, tone="look"))
    rows = tuple(
        (label, (*cells, gettext(SIGNAL_WORDS[broken[n]]) if n in broken else "")) for n, (label, cells) in enumerate(chart.numbers.rows)
    )
    top, bottom = chart.limits[0].y, chart.limits[-1].y
    return replace(
        chart,
        lines=(replace(line, dots=tuple(dots)),),
        numbers=ChartTable((*chart.numbers.columns, gettext("Signal")), rows, chart.numbers.digits),
        zone=(top, round(bottom - top, 2)),
        keys=(
            Key("zone", gettext("where it usually lies")),
            Key("center", center.text),
            *((Key(series_tone(2), gettext("more than chance")),) if broken else ()),
        ),
    )
