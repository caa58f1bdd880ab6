"""Scales with round ticks, and numbers as charts write them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Number = float | int | None

_LARGEST, _SMALLEST = 1e300, 1e-300
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_WHOLE_STEPS = (1.0, 2.0, 5.0, 10.0)
_SUFFIXES = ((1e12, "T"), (1e9, "bn"), (1e6, "M"))
_WRITTEN_OUT = 1e15
_SMALLEST_WRITTEN = 1e-6


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of numbers that begins and ends at a tick. `ticks` rise in equal steps."""

    ticks: tuple[float, ...]

    @property
    def low(self) -> float:
        """The lowest tick."""
        return self.ticks[0]

    @property
    def high(self) -> float:
        """The highest tick."""
        return self.ticks[-1]

    @property
    def texts(self) -> tuple[str, ...]:
        """The ticks as they are written at an axis."""
        return tick_texts(self.ticks)

    @property
    def rules(self) -> tuple[float, ...]:
        """Heights of the ticks, counted from the top."""
        return tuple(self.percent_from_top(tick) for tick in self.ticks)

    def percent(self, value: float) -> float:
        """How far along the scale a value lies, 0 at the lowest tick and 100 at the highest; values outside are held at its ends."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(100 * share, 2)

    def percent_from_top(self, value: float) -> float:
        """The same counted from the top, as SVG does."""
        return round(100 - self.percent(value), 2)


def drawable_values(values: Iterable[Number]) -> list[float]:
    """The values that can be drawn: without None, NaN and infinity, and none so large or small that arithmetic would not bear it."""
    return [held for held in map(drawable_or_none, values) if held is not None]


def drawable_or_none(value: Number) -> float | None:
    """The value as it can be drawn; None where it has no place on a scale."""
    return _clamp(value) if value is not None and is_drawable(value) else None


def is_drawable(value: Number) -> bool:
    """Whether a value has a place on a scale."""
    return value is not None and (isinstance(value, int) or math.isfinite(value))


def round_scale(values: Iterable[Number], zero: bool = True, about: int = 4, fixed: tuple[Number, Number] = (None, None)) -> Scale:
    """The scale around these values in about so many round steps (1, 2, 2.5 or 5 times a power of ten; whole ones for whole numbers).

    `zero`: it reaches to zero. `fixed`: lowest and highest value it must hold besides. Without values it runs from 0 to 1.
    """
    drawable = drawable_values([*values, *fixed])
    numbers = [*drawable, 0.0] if zero or not drawable else drawable
    low, high = min(numbers), max(numbers)
    whole = bool(drawable) and all(value.is_integer() for value in drawable)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        low, high = _range_around_value(low, zero)
    step = round_step((high - low) / about, whole and high - low >= 1)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(tuple(float(f"{n * step:.12g}") for n in range(first, max(last, first + 1) + 1)))


def round_step(rough: float, whole: bool = False) -> float:
    """The smallest round step that is at least so large."""
    power = 10.0 ** math.floor(math.log10(rough))
    steps = _WHOLE_STEPS if whole else _STEPS
    step = next(factor * power for factor in steps if factor * power >= rough * (1 - 1e-9))
    return max(step, 1.0) if whole else step


def decimals(step: float) -> int:
    """How many digits behind the point a step needs, six at most."""
    return next((digits for digits in range(6) if math.isclose(step, round(step, digits), rel_tol=1e-9)), 6)


def tick_texts(ticks: Sequence[float]) -> tuple[str, ...]:
    """Numbers in equal steps as they are written at an axis, all with the same decimals: short where that says each of them exactly, else
    with every digit, as steps between large numbers would read the same."""
    step = ticks[1] - ticks[0]
    digits = decimals(step)
    if step < _SMALLEST_WRITTEN:
        return tuple(_with_minus_sign(f"{tick:.12g}") for tick in ticks)
    if all(_is_short_exact(tick, step) for tick in ticks):
        return tuple(axis_text(tick, digits) for tick in ticks)
    return tuple(_with_minus_sign(f"{tick:,.{digits}f}") for tick in ticks)


def exact_text(value: float) -> str:
    """A number as an axis has it where that says it exactly, else with every digit."""
    digits = decimals(value)
    return axis_text(value, digits) if _is_short_exact(value, value) else _with_minus_sign(f"{value:,.{digits}f}")


def axis_text(value: float, digits: int = 0) -> str:
    """A number short enough for an axis or a cell: `1,200`, `2.5 M`, `−0.5`."""
    size = abs(value)
    if size >= _WRITTEN_OUT or 0 < size < _SMALLEST_WRITTEN:
        return _with_minus_sign(f"{value:.2e}")
    for unit, suffix in _SUFFIXES:
        if size >= unit:
            return f"{_with_minus_sign(f'{value / unit:.2f}'.rstrip('0').rstrip('.'))}\u00a0{suffix}"
    return _with_minus_sign(f"{value:,.{digits}f}")


def number_text(value: Number, digits: int = 0) -> str:
    """A number as tables write it, a dash where there is none."""
    number = drawable_or_none(value)
    if number is None:
        return "–"
    return _with_minus_sign(f"{number:.3e}" if abs(number) >= _WRITTEN_OUT else f"{number:,.{digits}f}")


def _is_short_exact(value: float, step: float) -> bool:
    """Whether `axis_text` loses less of a number than a step would show."""
    size = abs(value)
    unit = next((unit for unit, _ in _SUFFIXES if size >= unit), None)
    written_out = size if unit is None else round(size / unit, 2) * unit
    short = float(f"{size:.2e}") if size >= _WRITTEN_OUT else written_out
    return math.isclose(short, size, rel_tol=0, abs_tol=abs(step) * 1e-6)


def _clamp(value: float) -> float:
    return float(min(max(value, -_LARGEST), _LARGEST)) if abs(value) > _SMALLEST else 0.0


def _range_around_value(value: float, zero: bool) -> tuple[float, float]:
    """A stretch around the only value there is."""
    if value == 0:
        return 0.0, 1.0
    if zero:
        return min(value, 0.0), max(value, 0.0)
    room = max(abs(value) * 0.1, 1e-9)
    return value - room, value + room


def _with_minus_sign(text: str) -> str:
    return "0" + text[2:] if text.startswith("-0") and not any(digit in text for digit in "123456789") else text.replace("-", "−")
