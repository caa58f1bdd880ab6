"""Calibration charts: whether stated chances come true, a point with its interval for each group of forecasts."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.support.messages import gettext
from webapp.web.charts.line import Dot
from webapp.web.charts.parts import Caption, ChartTable, Label
from webapp.web.charts.scale import Scale, drawable_or_none, number_text

_SCALE = Scale((0.0, 25.0, 50.0, 75.0, 100.0))
_DIGITS = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Forecasts of about the same chance, in percent: the chance `stated` on average, and the share that came `true` with its interval."""

    size: int
    stated: float
    true: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A vertical line in percent of the plot."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class CalibrationChart:
    """Everything the macro `calibration_chart` writes, in percent of a square plot."""

    caption: Caption
    numbers: ChartTable
    dots: tuple[Dot, ...]
    intervals: tuple[Interval, ...]
    labels: tuple[Label, ...]
    scale: Scale = _SCALE
    note_rows: int = 0


def calibration_chart(caption: Caption, groups: Sequence[Group], *, stated: str, true: str, size: str) -> CalibrationChart:
    """Groups of forecasts against what came true. `stated`, `true` and `size` head the columns of the table."""
    shown = [group for group in groups if None not in (drawable_or_none(group.stated), drawable_or_none(group.true))]
    return CalibrationChart(
        caption,
        ChartTable(
            (stated, true, gettext("%(series)s, from", series=true), gettext("%(series)s, to", series=true), size),
            tuple((f"{number_text(g.stated, _DIGITS)} %", (g.true, g.low, g.high, g.size)) for g in groups),
            _DIGITS,
            (_DIGITS, 0, 0, 0),
        ),
        tuple(Dot(_SCALE.percent(g.stated), _SCALE.percent_from_top(g.true), _words(g, stated, true)) for g in shown),
        tuple(
            Interval(_SCALE.percent(g.stated), _SCALE.percent_from_top(g.high), _SCALE.percent_from_top(g.low))
            for g in shown
            if None not in (drawable_or_none(g.low), drawable_or_none(g.high))
        ),
        (Label(0, "0", "start"), Label(50, gettext("%(axis)s, %%", axis=stated)), Label(100, "100", "end")),
    )


def _words(group: Group, stated: str, true: str) -> str:
    return f"{stated} {number_text(group.stated)} %, {true} {number_text(group.true)} %"
