"""Horizontal bars, a group for each label; negative values run to the left of zero."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.support.messages import gettext
from webapp.web.charts.line import Series
from webapp.web.charts.parts import Caption, ChartTable, Key, padded_to_length, series_tone
from webapp.web.charts.scale import Number, drawable_or_none, drawable_values, number_text


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in percent, with its words."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class BarLine:
    """A bar of one series: where it begins and how long it is, in percent."""

    tone: str
    series: str
    x: float
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Everything the macro `bar_chart` writes."""

    caption: Caption
    numbers: ChartTable
    groups: tuple[tuple[str, tuple[BarLine, ...]], ...]
    keys: tuple[Key, ...]


def bar_chart(
    caption: Caption, labels: Sequence[str], series: Sequence[Series], *, first: str = "", digits: int = 0, top: Number = None
) -> BarChart:
    """Bars of these series. `top` fixes the value of a full bar, else it is the largest there is."""
    rows = [padded_to_length(s.values, len(labels)) for s in series]
    extent = [*drawable_values(value for row in rows for value in row), *drawable_values([top]), 0.0]
    low, span = min(extent), max(extent) - min(extent) or 1.0
    numbers = ChartTable(
        (first or gettext("Item"), *(s.name for s in series)),
        tuple((label, tuple(row[n] for row in rows)) for n, label in enumerate(labels)),
        digits,
    )
    groups = tuple(
        (label, tuple(_line(s.name, tone, row[n], low, span, digits) for tone, (s, row) in enumerate(zip(series, rows, strict=True))))
        for n, label in enumerate(labels)
    )
    keys = tuple(Key(series_tone(n), s.name) for n, s in enumerate(series)) if len(series) > 1 else ()
    return BarChart(caption, numbers, groups, keys)


def _line(name: str, tone: int, value: Number, low: float, span: float, digits: int) -> BarLine:
    begin, end = sorted((0.0, drawable_or_none(value) or 0.0))
    x, width = 100 * (begin - low) / span, 100 * (end - begin) / span
    return BarLine(series_tone(tone), name, round(x, 2), round(width, 2), number_text(value, digits))
