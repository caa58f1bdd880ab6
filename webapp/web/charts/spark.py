"""Sparklines: a trend as small as a word, without axes."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.web.charts.parts import even_positions
from webapp.web.charts.paths import line_path, to_points
from webapp.web.charts.scale import Number, Scale, drawable_or_none, drawable_values

WIDTH, HEIGHT = 96.0, 28.0
_EDGE = 4.0


@dataclass(frozen=True, slots=True)
class Spark:
    """Everything the macro `spark` writes, in pixels. `target` is the height of a dotted line."""

    label: str
    path: str
    dot: tuple[float, float] | None
    target: float | None
    width: float = WIDTH
    height: float = HEIGHT


def sparkline(label: str, values: Sequence[Number], target: Number = None) -> Spark:
    """A trend on its own scale, which holds the target. `label` says in words what the drawing shows."""
    numbers = drawable_values([*values, target])
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    if high <= low:
        low, high = low - max(abs(low), 1.0), high + max(abs(high), 1.0)
    scale = Scale((low, high))
    places = [_in_pixels(place) if place else None for place in to_points(values, even_positions(len(values)), scale)]
    there = [place for place in places if place]
    goal = drawable_or_none(target)
    return Spark(
        label, line_path(places), there[-1] if there else None, None if goal is None else _in_pixels((0, scale.percent_from_top(goal)))[1]
    )


def _in_pixels(place: tuple[float, float]) -> tuple[float, float]:
    x, y = place
    return round(_EDGE + x * (WIDTH - 2 * _EDGE) / 100, 1), round(_EDGE + y * (HEIGHT - 2 * _EDGE) / 100, 1)
