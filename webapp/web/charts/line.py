"""Lines over time: with intervals around them, dated marks and limits; alone or as small multiples."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.support.messages import gettext
from webapp.web.charts.parts import (
    PHONE,
    Caption,
    ChartTable,
    Key,
    Label,
    axis_labels,
    even_positions,
    padded_to_length,
    series_tone,
    text_width,
)
from webapp.web.charts.paths import band_path, line_path, to_points
from webapp.web.charts.scale import Number, Scale, drawable_or_none, drawable_values, exact_text, is_drawable, number_text, round_scale

_MOST_DOTS = 16
_MOST_NOTE_ROWS = 3
_WORD_APART = 9.0  # percent of a plot's height


@dataclass(frozen=True, slots=True)
class Series:
    """A line. `lows` and `highs` are the ends of its intervals, called `interval` in the legend."""

    name: str
    values: Sequence[Number]
    lows: Sequence[Number] = ()
    highs: Sequence[Number] = ()
    interval: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at one of the labels, in a word or two."""

    at: int
    word: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A level to compare with: a target, a limit, a center. `tone` is target, bound or center; a center is named in the legend, as the
    line itself runs through the values."""

    value: Number
    name: str
    tone: str = "target"

    @property
    def text(self) -> str:
        """The label: name and value."""
        return " ".join([self.name, *map(exact_text, drawable_values([self.value]))])


@dataclass(frozen=True, slots=True)
class Dot:
    """A point in percent of the plot, with its words; `tone` is empty or `look`."""

    x: float
    y: float
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A series as paths and points."""

    name: str
    tone: str
    path: str
    band: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """A vertical line with its word above the plot, in a row where it touches no other."""

    x: float
    row: int
    anchor: str
    word: str


@dataclass(frozen=True, slots=True)
class DrawnLimit:
    """A horizontal line with its words, which stand at `word_y` where they touch no others."""

    y: float
    word_y: float
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """What the macro `line_chart` writes. `value` and `change` are the large number of a small multiple; `zone` is a shaded stretch."""

    caption: Caption
    numbers: ChartTable
    scale: Scale
    lines: tuple[DrawnLine, ...]
    labels: tuple[Label, ...]
    marks: tuple[DrawnMark, ...] = ()
    limits: tuple[DrawnLimit, ...] = ()
    keys: tuple[Key, ...] = ()
    zone: tuple[float, float] | None = None
    value: str = ""
    change: str = ""

    @property
    def zero(self) -> float | None:
        """The height of zero, where values lie on both sides of it."""
        return self.scale.percent_from_top(0) if self.scale.low < 0 < self.scale.high else None

    @property
    def note_rows(self) -> int:
        """How many rows of words stand above the plot."""
        return max((mark.row + 1 for mark in self.marks), default=0)


def line_chart(
    caption: Caption,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    first: str = "",
    digits: int = 0,
    marks: Sequence[Mark] = (),
    limits: Sequence[Limit] = (),
    zero: bool = True,
    fixed: tuple[Number, Number] = (None, None),
) -> LineChart:
    """A chart of these series at these labels. `first` heads the labels in the table (days if empty), `zero` keeps zero in sight."""
    count = len(labels)
    shown = [
        Series(s.name, padded_to_length(s.values, count), padded_to_length(s.lows, count), padded_to_length(s.highs, count), s.interval)
        for s in series
    ]
    extent = [value for s in shown for values in (s.values, s.lows, s.highs) for value in values]
    scale = round_scale([*extent, *(limit.value for limit in limits)], zero, fixed=fixed)
    lines = tuple(_draw_line(s, n, labels, scale, digits) for n, s in enumerate(shown))
    return LineChart(
        caption,
        line_table(first, labels, shown, marks, digits),
        scale,
        lines,
        axis_labels(labels),
        place_marks_without_overlap(marks, labels),
        drawn_limits(limits, scale),
        _keys(shown),
    )


def line_table(first: str, labels: Sequence[str], series: Sequence[Series], marks: Sequence[Mark], digits: int) -> ChartTable:
    """Values, ends of intervals and marks, a row for each label."""
    columns: dict[str, Sequence[Number | str]] = {}
    for s in series:
        columns[s.name] = s.values
        if any(map(is_drawable, (*s.lows, *s.highs))):
            columns |= {gettext("%(series)s, from", series=s.name): s.lows, gettext("%(series)s, to", series=s.name): s.highs}
    if marks:
        columns[gettext("Mark")] = ["; ".join(mark.word for mark in marks if mark.at == n) for n in range(len(labels))]
    rows = tuple((label, tuple(values[n] for values in columns.values())) for n, label in enumerate(labels))
    return ChartTable((first or gettext("Day"), *columns), rows, digits)


def place_marks_without_overlap(marks: Sequence[Mark], labels: Sequence[str]) -> tuple[DrawnMark, ...]:
    """Marks with their words in as few rows as keep them apart on a phone; past the third row words may touch."""
    places = even_positions(len(labels))
    ends = [-1.0] * _MOST_NOTE_ROWS
    drawn = []
    for mark in sorted((mark for mark in marks if 0 <= mark.at < len(labels)), key=lambda mark: mark.at):
        x, width = places[mark.at], 100 * (text_width(mark.word) + 10) / PHONE
        anchor = "start" if x + width <= 100 or x < 50 else "end"
        begin = x if anchor == "start" else x - width
        row = next((n for n, end in enumerate(ends) if begin > end), _MOST_NOTE_ROWS - 1)
        ends[row] = max(ends[row], begin + width)
        drawn.append(DrawnMark(x, row, anchor, mark.word))
    return tuple(drawn)


def drawn_limits(limits: Sequence[Limit], scale: Scale) -> tuple[DrawnLimit, ...]:
    """Levels at their heights, the highest first, their words a line apart and inside the plot."""
    values = [(value, limit) for limit in limits if (value := drawable_or_none(limit.value)) is not None]
    shown = sorted(values, key=lambda pair: pair[0], reverse=True)
    heights = [scale.percent_from_top(value) for value, _ in shown]
    words = list(heights)
    for n in range(1, len(words)):
        words[n] = max(words[n], words[n - 1] + _WORD_APART)
    for n, y in enumerate(words):
        words[n] = round(max(min(y, 100 - _WORD_APART * (len(words) - 1 - n)), 0), 2)
    return tuple(
        DrawnLimit(y, word_y, "" if limit.tone == "center" else limit.text, limit.tone)
        for (_, limit), y, word_y in zip(shown, heights, words, strict=True)
    )


def dots_of(
    name: str, values: Sequence[Number], labels: Sequence[str], scale: Scale, digits: int, most: int = _MOST_DOTS
) -> tuple[Dot, ...]:
    """Points to draw: all where there are up to `most` labels, else the last one and those without neighbors, which no line shows."""
    places = to_points(values, even_positions(len(labels)), scale)
    last = max((n for n, place in enumerate(places) if place), default=-1)
    return tuple(
        Dot(*place, f"{name}, {label}: {number_text(value, digits)}")
        for n, (place, value, label) in enumerate(zip(places, values, labels, strict=True))
        if place and (len(labels) <= most or n == last or not any(places[max(n - 1, 0) : n] + places[n + 1 : n + 2]))
    )


def _draw_line(series: Series, tone: int, labels: Sequence[str], scale: Scale, digits: int) -> DrawnLine:
    xs = even_positions(len(labels))
    ends = [sorted(drawable_values(pair)) for pair in zip(series.lows, series.highs, strict=True)]
    lows, highs = [[pair[side] if len(pair) == 2 else None for pair in ends] for side in (0, 1)]
    return DrawnLine(
        series.name,
        series_tone(tone),
        line_path(to_points(series.values, xs, scale)),
        band_path(to_points(lows, xs, scale), to_points(highs, xs, scale)),
        dots_of(series.name, series.values, labels, scale, digits),
    )


def _keys(series: Sequence[Series]) -> tuple[Key, ...]:
    """A legend where there is something to tell apart."""
    if len(series) < 2 and not any(s.interval for s in series):
        return ()
    keys = []
    for n, s in enumerate(series):
        keys.append(Key(series_tone(n), s.name))
        if s.interval:
            keys.append(Key(f"{series_tone(n)} pale", s.interval))
    return tuple(keys)
