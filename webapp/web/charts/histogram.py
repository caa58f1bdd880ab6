"""Histograms: how many values lie in each of some equal, round stretches."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from webapp.support.messages import gettext
from webapp.web.charts.bars import Bar
from webapp.web.charts.line import DrawnMark
from webapp.web.charts.parts import PHONE, Caption, ChartTable, Label, text_width
from webapp.web.charts.scale import Number, Scale, drawable_or_none, drawable_values, round_scale, tick_texts

_FEWEST, _MOST = 4, 20


@dataclass(frozen=True, slots=True)
class Bin:
    """A stretch from `low` to below `high` (the last one holds its end) and how many values lie in it."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Everything the macro `histogram` writes, in percent of the plot."""

    caption: Caption
    numbers: ChartTable
    scale: Scale
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    marks: tuple[DrawnMark, ...] = ()

    @property
    def note_rows(self) -> int:
        """How many rows of words stand above the plot."""
        return 1 if self.marks else 0


def bins(values: Sequence[Number]) -> tuple[Bin, ...]:
    """Values in stretches with round ends, about as many as the root of their number, 4 to 20; none without values."""
    numbers = drawable_values(values)
    if not numbers:
        return ()
    about = min(max(math.isqrt(len(numbers)), _FEWEST), _MOST)
    edges = round_scale(numbers, zero=False, about=about).ticks
    counts = [0] * (len(edges) - 1)
    for number in numbers:
        counts[_bin_of(number, edges)] += 1
    return tuple(Bin(low, high, count) for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True))


def histogram(
    caption: Caption, values: Sequence[Number], *, what: str = "", first: str = "", mark: tuple[Number, str] | None = None
) -> Histogram:
    """How values are spread. `what` heads the counts, `mark` is a value worth a line (a median, a target) and its word."""
    stretches = bins(values)
    edges = tick_texts([*(each.low for each in stretches), stretches[-1].high]) if stretches else ()
    names = [gettext("%(low)s to %(high)s", low=low, high=high) for low, high in pairwise(edges)]
    scale = round_scale([each.count for each in stretches])
    width = 100 / max(len(stretches), 1)
    bars = tuple(
        Bar(round(n * width, 2), scale.percent_from_top(each.count), round(width, 2), scale.percent(each.count), f"{name}: {each.count:,}")
        for n, (each, name) in enumerate(zip(stretches, names, strict=True))
    )
    return Histogram(
        caption,
        ChartTable(
            (first or gettext("From, to"), what or gettext("Values")),
            tuple((name, (each.count,)) for name, each in zip(names, stretches, strict=True)),
        ),
        scale,
        bars,
        _edge_labels(edges),
        _mark(mark, stretches),
    )


def _bin_of(number: float, edges: Sequence[float]) -> int:
    """The stretch that holds a number; the last one holds its own end."""
    return next((n for n, edge in enumerate(edges[1:]) if number < edge), len(edges) - 2)


def _edge_labels(texts: Sequence[str]) -> tuple[Label, ...]:
    """Labels of the edges: as many round ones as have room on a phone."""
    if not texts:
        return ()
    every = math.ceil(max(map(text_width, texts)) * 1.5 * len(texts) / PHONE)
    last = len(texts) - 1
    return tuple(
        Label(round(100 * n / last, 2), text, "start" if n == 0 else "end" if n == last else "middle")
        for n, text in enumerate(texts)
        if n % every == 0
    )


def _mark(mark: tuple[Number, str] | None, stretches: Sequence[Bin]) -> tuple[DrawnMark, ...]:
    value = drawable_or_none(mark[0]) if mark else None
    if not mark or value is None or not stretches:
        return ()
    low, high = stretches[0].low, stretches[-1].high
    x = round(100 * (min(max(value, low), high) - low) / (high - low), 2)
    return (DrawnMark(x, 0, "start" if x < 50 else "end", mark[1]),)
