"""The plots of a report, each in the widths it is shown in: rows with intervals, series along an axis, scatters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from recsys.report.formatting import short
from recsys.report.label_placement import CHARACTER, Name, Segment, draw_name_labels
from recsys.report.svg import Scale, drawing, element, line, mark, padded_domain, polyline, text

WIDE, HALF, NARROW, SMALL = 816.0, 396.0, 312.0, 262.0
KINDS = ("plain", "warn", "plum", "sky", "accent")
"""Colors of what is drawn, the ones that stand out most last."""


@dataclass(frozen=True)
class Row:
    """A line of a dot or bar plot: where it lies, its interval, how it is colored, and the number at its end."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    kind: str = "plain"
    shown: str = ""


@dataclass(frozen=True)
class Series:
    """Values along an axis, with intervals where known; None leaves a gap."""

    label: str
    values: Sequence[float | None]
    bounds: Sequence[Sequence[float] | None] = ()
    kind: str = "plain"
    shape: str = "dot"


@dataclass(frozen=True)
class Point:
    """A dot of a scatter; `label` may be empty; `low` and `high` are its interval upwards."""

    x: float
    y: float
    label: str = ""
    kind: str = "plain"
    low: float | None = None
    high: float | None = None


Format = Callable[[float], str]


def interval_rows(
    rows: Sequence[Row],
    alt: str,
    axis: str,
    *,
    reference: tuple[float, str] | None = None,
    bars: bool = False,
    log: bool = False,
    width: float = WIDE,
) -> str:
    """A dot per row with its interval, at `width` and narrow; `bars` draws bars from zero, `reference` a dashed line with its name."""
    wide = _draw_rows(rows, width, alt, axis, reference, bars, log)
    return wide + _draw_rows(rows, NARROW, alt, axis, reference, bars, log)


def _draw_rows(rows: Sequence[Row], width: float, alt: str, axis: str, reference: tuple[float, str] | None, bars: bool, log: bool) -> str:
    stacked = width == NARROW  # on a phone the label stands above its track
    left, right, step = (2.0, 58.0, 40.0) if stacked else (168.0, 64.0, 27.0)
    top = 22.0 if reference else 8.0
    bottom = top + step * len(rows)
    values = [v for row in rows for v in (row.value, row.low, row.high) if v is not None] + ([reference[0]] if reference else [])
    low, high = (min(values) / 1.6, max(values) * 1.6) if log else padded_domain(values)
    scale = Scale(low, high, left + 6, width - right - 6, log)
    body = _x_grid(scale, top, bottom, axis, 4 if width < WIDE else 8)
    if bars:
        body.append(line(scale.to_pixel(0), top, scale.to_pixel(0), bottom, "zero"))
    if reference:
        x = scale.to_pixel(reference[0])
        anchor = "end" if x > width / 2 else "start"
        body += [line(x, top - 6, x, bottom, "reference"), text(x + (-4 if anchor == "end" else 4), 12, reference[1], "note", anchor)]
    for number, row in enumerate(rows):
        y = top + step * number + (26 if stacked else step / 2)
        body.append(text(left, y - 13, row.label, "label") if stacked else text(left - 8, y + 4, row.label, "label", "end"))
        body += _svg_of_value_and_interval(row, scale, y, bars)
        body.append(text(width - 2, y + 4, row.shown, "value", "end"))
    return drawing(width, bottom + 36, body, alt, "narrow" if stacked else "wide")


def _svg_of_value_and_interval(row: Row, scale: Scale, y: float, bars: bool) -> list[str]:
    parts = []
    if bars:
        start, end = sorted((scale.to_pixel(0), scale.to_pixel(row.value)))
        parts.append(element("rect", x=start, y=y - 6, width=max(end - start, 1.0), height=12.0, rx=2.0, class_=f"bar {row.kind}"))
    if row.low is not None and row.high is not None:
        kind = "whisker" if bars else f"span {row.kind}"
        parts.append(line(scale.to_pixel(row.low), y, scale.to_pixel(row.high), y, kind))
    return parts if bars else [*parts, mark(scale.to_pixel(row.value), y, row.kind)]


def _x_grid(scale: Scale, top: float, bottom: float, axis: str, count: int) -> list[str]:
    """Vertical grid, tick labels and the axis' name below."""
    body = []
    for tick in scale.ticks(count):
        x = scale.to_pixel(tick)
        body += [line(x, top, x, bottom, "grid"), text(x, bottom + 15, short(tick), "tick", "middle")]
    return [*body, text((scale.start + scale.end) / 2, bottom + 31, axis, "axis", "middle")]


def series_chart(xs: Sequence[str] | Sequence[float], series: Sequence[Series], alt: str, x_axis: str, y_axis: str) -> str:
    """Lines with intervals over named places or over numbers, wide and narrow."""
    return _series_chart_of_width(xs, series, WIDE, alt, x_axis, y_axis) + _series_chart_of_width(xs, series, NARROW, alt, x_axis, y_axis)


def _series_chart_of_width(
    xs: Sequence[str] | Sequence[float], series: Sequence[Series], width: float, alt: str, x_axis: str, y_axis: str
) -> str:
    height, left, top = (260.0 if width < WIDE else 300.0), 44.0, 26.0
    bottom = height - 42
    known = [v for s in series for v in s.values if v is not None]
    known += [v for s in series for bounds in s.bounds if bounds for v in bounds]
    y = Scale(*padded_domain(known), bottom, top)
    places, marks = _x_positions(xs, left, width)
    body = _y_grid(y, left, width, y_axis)
    body += [text(x, bottom + 17, name, "tick", "middle") for x, name in marks]
    body.append(text((left + width) / 2, height - 5, x_axis, "axis", "middle"))
    spread = min(9.0, (width - left) / max(len(xs), 1) / (len(series) + 1)) if isinstance(xs[0], str) else 3.0
    for number, one in enumerate(series):
        shift = (number - (len(series) - 1) / 2) * spread
        body += _one_series(one, [x + shift for x in places], y)
    return drawing(width, height, body, alt, "narrow" if width < WIDE else "wide")


def _x_positions(xs: Sequence[str] | Sequence[float], left: float, width: float) -> tuple[list[float], list[tuple[float, str]]]:
    """Where each x lies, and the labels below the axis."""
    numbers = [x for x in xs if not isinstance(x, str)]
    if numbers:
        low, high = padded_domain([float(x) for x in numbers])
        scale = Scale(low, high, left + 10, width - 12)
        return [scale.to_pixel(x) for x in numbers], [(scale.to_pixel(t), short(t)) for t in scale.ticks(5)]
    step = (width - left - 8) / len(xs)
    places = [left + step * (n + 0.5) for n in range(len(xs))]
    return places, [(place, str(x)) for place, x in zip(places, xs, strict=True)]


def _y_grid(scale: Scale, left: float, width: float, axis: str) -> list[str]:
    """Horizontal grid, tick labels and the axis' name on top."""
    body = [text(0, 12, axis, "axis")]
    for tick in scale.ticks(5):
        y = scale.to_pixel(tick)
        body += [line(left, y, width - 4, y, "grid"), text(left - 6, y + 4, short(tick), "tick", "end")]
    return body


def _one_series(one: Series, places: Sequence[float], scale: Scale) -> list[str]:
    points = [(x, scale.to_pixel(v)) for x, v in zip(places, one.values, strict=True) if v is not None]
    body = [polyline(points, f"trace {one.kind}")]
    for x, bounds in zip(places, one.bounds, strict=False):
        if bounds:
            body.append(line(x, scale.to_pixel(bounds[0]), x, scale.to_pixel(bounds[1]), f"span {one.kind}"))
    return body + [mark(x, y, one.kind, one.shape) for x, y in points]


def scatter(
    points: Sequence[Point], alt: str, x_axis: str, y_axis: str, *, path: bool = False, diagonal: bool = False, zero: bool = True
) -> str:
    """Dots in a plane at one size that fits a phone; `path` joins them in their order, `diagonal` draws y = x."""
    width, left, top = SMALL, 38.0, 26.0
    height = 236.0 + 7 * max(0, sum(bool(p.label) for p in points) - 8)  # many names need room
    bottom = height - 42
    xs, ys = [p.x for p in points], [v for p in points for v in (p.y, p.low, p.high) if v is not None]
    span = padded_domain([0.0, *xs, *ys]) if diagonal else None
    x = Scale(*(span or padded_domain(xs, zero)), left + 4, width - 12)
    y = Scale(*(span or padded_domain(ys, zero)), bottom, top)
    body = _y_grid(y, left, width, y_axis)
    body += [text(x.to_pixel(t), bottom + 17, short(t), "tick", "middle") for t in x.ticks(4)]
    body.append(text((left + width) / 2, height - 5, x_axis, "axis", "middle"))
    drawn: list[Segment] = [(0.0, 9.0, CHARACTER * len(y_axis), 9.0)]
    if diagonal:
        drawn.append((x.to_pixel(x.low), y.to_pixel(x.low), x.to_pixel(x.high), y.to_pixel(x.high)))
        body.append(line(*drawn[-1], "reference"))
    if not path:  # what stands out is drawn last, over the others, and named first
        points = sorted(points, key=lambda p: KINDS.index(p.kind))
    places = [(x.to_pixel(p.x), y.to_pixel(p.y)) for p in points]
    if path:
        body.append(polyline(places, "trace accent"))
        drawn += [(*one, *other) for one, other in pairwise(places)]
    for (px, _), point in zip(places, points, strict=True):
        if point.low is not None and point.high is not None:
            drawn.append((px, y.to_pixel(point.low), px, y.to_pixel(point.high)))
            body.append(line(*drawn[-1], f"span {point.kind}"))
    names = [Name(point.label, point.kind) for point in points]
    names_drawn = draw_name_labels(names, places, drawn, (left, 2.0, width, bottom + 7))
    marks = [mark(px, py, point.kind) for (px, py), point in zip(places, points, strict=True)]
    return drawing(width, height, [*body, *names_drawn, *marks], alt, "small")
