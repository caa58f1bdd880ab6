"""Scales, ticks and elements for inline SVG. Colors are CSS classes, so that a page's light and dark look reaches the plots."""

import math
from dataclasses import dataclass
from html import escape

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """Maps values from `low` to `high` onto pixels from `start` to `end`; with `log` by their logarithm."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def to_pixel(self, value: float) -> float:
        """Pixel of a value; values outside of the domain land on its edge."""
        low, high, value = (
            (math.log10(v) for v in (self.low, self.high, max(value, self.low))) if self.log else (self.low, self.high, value)
        )
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def ticks(self, count: int = 5) -> list[float]:
        """About `count` round values inside the domain."""
        if self.log:
            powers = range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
            keep = max(1, math.ceil(len(powers) / count))
            return [10.0**p for p in powers][::keep]
        step = nice_step(self.high - self.low, count)
        first = math.ceil(self.low / step - 1e-9)
        return [round(n * step, 12) for n in range(first, math.floor(self.high / step + 1e-9) + 1)]


def nice_step(span: float, count: int) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that cuts `span` into at most `count` parts (after Heckbert 1990)."""
    rough = span / count if span > 0 else 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def padded_domain(values: list[float], zero: bool = True) -> tuple[float, float]:
    """A domain that holds `values` with a little room; with `zero` it begins (or ends) there."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = (high - low) * 0.04 or max(abs(high), 1.0) * 0.5
    return (low if zero and low == 0 else low - room), (high if zero and high == 0 else high + room)


def element(name: str, body: str = "", **attributes: object) -> str:
    """An element; `body` is markup. Attribute names may be written with underscores; numbers are cut to a tenth of a pixel."""
    parts = [
        f' {key.rstrip("_").replace("_", "-")}="{escape(_attribute_text(value))}"' for key, value in attributes.items() if value is not None
    ]
    return f"<{name}{''.join(parts)}>{body}</{name}>" if body else f"<{name}{''.join(parts)}/>"


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """A line of text at its baseline."""
    return element("text", escape(words), x=x, y=y, class_=kind or None, text_anchor=None if anchor == "start" else anchor)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def mark(x: float, y: float, kind: str, shape: str = "dot") -> str:
    """A data point: `dot`, `ring`, `square`, `triangle` or `diamond`, told apart without color too."""
    if shape in ("dot", "ring"):
        return element("circle", cx=x, cy=y, r=4.5 if shape == "dot" else 4, class_=f"{shape} {kind}")
    if shape == "square":
        return element("rect", x=x - 3.8, y=y - 3.8, width=7.6, height=7.6, class_=f"dot {kind}")
    if shape == "triangle":
        return element("path", d=f"M{x:.1f} {y - 5.2:.1f}l5.2 9h-10.4z", class_=f"dot {kind}")
    return element("path", d=f"M{x:.1f} {y - 5.4:.1f}l5.4 5.4l-5.4 5.4l-5.4 -5.4z", class_=f"dot {kind}")


def polyline(points: list[tuple[float, float]], kind: str) -> str:
    """An open line through points."""
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_=kind)


def drawing(width: float, height: float, body: list[str], alt: str, kind: str = "") -> str:
    """A whole picture; `alt` says in words what it shows."""
    inside = "".join(body)
    return element("svg", inside, viewBox=f"0 0 {width:g} {height:g}", class_=f"plot {kind}".strip(), role="img", aria_label=alt)


def _attribute_text(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
