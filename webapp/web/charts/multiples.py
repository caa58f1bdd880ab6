"""Small multiples: the same days for several measures side by side, each with its newest value in large."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.web.charts.line import Limit, LineChart, Mark, Series, dots_of, line_chart
from webapp.web.charts.parts import Caption, padded_to_length
from webapp.web.charts.scale import Number, drawable_values, is_drawable


@dataclass(frozen=True, slots=True)
class Panel:
    """One measure. `value` and `change` are its newest figure and what became of it, in words; `usual` is where it usually lies."""

    caption: Caption
    values: Sequence[Number]
    value: str
    change: str = ""
    usual: tuple[Number, Number] = (None, None)
    target: Limit | None = None
    digits: int = 0


def small_multiples(
    labels: Sequence[str], panels: Sequence[Panel], marks: Sequence[Mark] = (), shared: bool = False
) -> tuple[LineChart, ...]:
    """A chart for each measure over the same labels. `shared`: all on one scale, for measures in one unit that are to be compared."""
    extent = drawable_values(value for panel in panels for value in (*panel.values, *panel.usual)) if shared else []
    fixed: tuple[Number, Number] = (min(extent), max(extent)) if extent else (None, None)
    return tuple(_panel(panel, labels, marks, fixed) for panel in panels)


def _panel(panel: Panel, labels: Sequence[str], marks: Sequence[Mark], fixed: tuple[Number, Number]) -> LineChart:
    limits, values = [panel.target] if panel.target else [], padded_to_length(panel.values, len(labels))
    reach = drawable_values((*panel.usual, *fixed))
    ends: tuple[Number, Number] = (min(reach), max(reach)) if reach else (None, None)
    chart = line_chart(
        panel.caption,
        labels,
        [Series(panel.caption.heading, values)],
        digits=panel.digits,
        marks=marks,
        limits=limits,
        zero=False,
        fixed=ends,
    )
    zone = None
    if all(map(is_drawable, panel.usual)):
        low, high = drawable_values(panel.usual)
        top = chart.scale.percent_from_top(max(low, high))
        zone = (top, round(chart.scale.percent_from_top(min(low, high)) - top, 2))
    # The last point alone, and any that no line shows.
    line = replace(chart.lines[0], dots=dots_of(panel.caption.heading, values, labels, chart.scale, panel.digits, most=0))
    return replace(chart, lines=(line,), zone=zone, value=panel.value, change=panel.change)
