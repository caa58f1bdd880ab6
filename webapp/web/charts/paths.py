"""Lines and bands as SVG paths in a square of 100 × 100. Where a value is missing the line has a gap."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from webapp.web.charts.scale import Number, Scale, drawable_or_none

Item = TypeVar("Item")
Place = tuple[float, float]
_HALF_A_BAND = 0.6  # a band of one point would have no width


def line_path(places: Sequence[Place | None]) -> str:
    """The path through places; None interrupts it."""
    return "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in run) for run in unbroken_runs(places) if len(run) > 1)


def band_path(lows: Sequence[Place | None], highs: Sequence[Place | None]) -> str:
    """The area between two lines where both are known."""
    both = [(low, high) if low and high else None for low, high in zip(lows, highs, strict=True)]
    return "".join(_area([low for low, _ in run], [high for _, high in run]) for run in unbroken_runs(both))


def to_points(values: Sequence[Number], xs: Sequence[float], scale: Scale) -> tuple[Place | None, ...]:
    """Where values stand, None for what cannot be drawn."""
    return tuple(
        None if (value := drawable_or_none(v)) is None else (x, scale.percent_from_top(value)) for x, v in zip(xs, values, strict=True)
    )


def unbroken_runs(items: Sequence[Item | None]) -> Iterator[list[Item]]:
    """Runs of neighbors that are all there."""
    for there, run in groupby(items, key=lambda item: item is not None):
        if there:
            yield [item for item in run if item is not None]


def _area(low: Sequence[Place], high: Sequence[Place]) -> str:
    if len(low) == 1:
        (x, bottom), (_, top) = low[0], high[0]
        low, high = [(x - _HALF_A_BAND, bottom), (x + _HALF_A_BAND, bottom)], [(x - _HALF_A_BAND, top), (x + _HALF_A_BAND, top)]
    around = [*high, *reversed(low)]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in around) + "Z"
