"""Cover art: a small landscape drawn from a course's title and its topic's hue.

The same title and hue always give the same picture. Presentation attributes only (the content
security policy forbids inline style) and no ids, so a cover may stand on a page any number of times.
"""

import colorsys
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 320, 140


@dataclass(frozen=True)
class Palette:
    """Colors of one picture, far to near; `light` is sun or moon."""

    sky: str
    glow: str
    far: str
    mid: str
    near: str
    light: str


def cover_svg(title: str, hue: int) -> Markup:
    """The cover of a course as an inline SVG under 1.2 KB."""
    rng = random.Random(hashlib.sha256(title.encode()).digest())  # noqa: S311 - art, not a secret
    hue += rng.randint(-12, 12)
    night = rng.random() < 0.4
    colors = _palette(hue, night)
    sun_x, sun_y, sun_r = rng.randint(196, 286), rng.randint(24, 44), rng.randint(10, 16)
    ridges, foreground = rng.choice(_RIDGES), rng.choice(_FOREGROUNDS)
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{colors.sky}"/>',
        _sun(sun_x, sun_y, sun_r, colors),
        _stars(rng) if night else "",
        ridges(rng, colors),
        foreground(rng, colors),
        _trail(rng, sun_x),
    ]
    body = "".join(parts)
    return Markup(  # noqa: S704 - built from numbers alone; the title only seeds them
        f'<svg class="cover" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMid slice"'
        f' fill="none" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{body}</svg>'
    )


def _palette(hue: int, night: bool) -> Palette:
    """The colors of a landscape around a hue, by day or night: what is far is closer to the color of the sky."""
    if night:
        return Palette(
            sky=_hex(hue, 38, 21),
            glow=_hex(hue + 10, 42, 44),
            far=_hex(hue + 8, 32, 38),
            mid=_hex(hue + 4, 36, 27),
            near=_hex(hue, 42, 15),
            light=_hex(48, 60, 90),
        )
    return Palette(
        sky=_hex(hue + 24, 44, 79),
        glow=_hex(hue + 44, 72, 89),
        far=_hex(hue + 14, 36, 62),
        mid=_hex(hue + 6, 38, 44),
        near=_hex(hue, 44, 28),
        light=_hex(hue + 60, 88, 93),
    )


def _hex(hue: int, saturation: int, lightness: int) -> str:
    """HSL in degrees and percent as #rrggbb, half as long as hsl()."""
    red, green, blue = colorsys.hls_to_rgb(hue % 360 / 360, lightness / 100, saturation / 100)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _sun(x: int, y: int, r: int, colors: Palette) -> str:
    halo = "".join(f'<circle cx="{x}" cy="{y}" r="{r * k}"/>' for k in (5, 3))
    return f'<g fill="{colors.glow}" fill-opacity=".3">{halo}</g><circle cx="{x}" cy="{y}" r="{r}" fill="{colors.light}"/>'


def _stars(rng: random.Random) -> str:
    dots = "".join(f"M{rng.randint(8, 312)} {rng.randint(6, 62)}h0" for _ in range(7))
    return _line(dots, "#fff", 1.6, ' opacity=".75"')


def _line(d: str, color: str, width: float, extra: str = "") -> str:
    return f'<path d="{d}" stroke="{color}" stroke-width="{width:g}"{extra}/>'


def _fill(d: str, color: str) -> str:
    return f'<path d="{d}" fill="{color}"/>'


def _hill_line(rng: random.Random, level: int, swing: int) -> str:
    """A soft ridge from edge to edge, without its closing lines."""
    first = level + rng.randint(-swing, swing)
    curve = "".join(f"S{x - 32} {y} {x} {y}" for x in range(76, 340, 86) for y in (level + rng.randint(-swing, swing),))
    return f"M-10 {first}{curve}"


def _closed(line: str) -> str:
    return f"{line}V{HEIGHT}H-10Z"


def _hills(rng: random.Random, colors: Palette) -> str:
    return _fill(_closed(_hill_line(rng, 76, 18)), colors.far) + _fill(_closed(_hill_line(rng, 98, 14)), colors.mid)


def _peaks(rng: random.Random, colors: Palette) -> str:
    """Two pointed mountains with snow, and a soft ridge before them."""
    shapes, snow = "", ""
    for x in (rng.randint(40, 110), rng.randint(150, 250)):
        y, half = rng.randint(32, 58), rng.randint(62, 92)
        slope = half / (HEIGHT - y)
        left, right = round(slope * 16), round(slope * 20)
        shapes += f"M{x} {y}L{x + half} {HEIGHT}H{x - half}Z"
        snow += f"M{x} {y}L{x + right} {y + 20}l-{right - 2}-6-{left} 2Z"
    far, cap = _fill(shapes, colors.far), f'<path d="{snow}" fill="#fff" opacity=".7"/>'
    return far + cap + _fill(_closed(_hill_line(rng, 104, 10)), colors.mid)


def _dunes(rng: random.Random, colors: Palette) -> str:
    """One long slope against another."""
    a, b = rng.randint(58, 76), rng.randint(86, 104)
    far = f"M-10 {b}C70 {b - 6} 120 {a} 190 {a}S290 {b} 330 {b - 4}V{HEIGHT}H-10Z"
    mid = f"M-10 {a + 16}C60 {a + 22} 130 {b + 12} 330 {b + 14}V{HEIGHT}H-10Z"
    return _fill(far, colors.far) + _fill(mid, colors.mid)


def _meadow(rng: random.Random, colors: Palette) -> str:
    return _fill(_closed(_hill_line(rng, 122, 6)), colors.near)


def _water(rng: random.Random, colors: Palette) -> str:
    """A lake with light on it."""
    glints = "".join(f"M{rng.randint(10, 270)} {y}h{rng.randint(14, 44)}" for y in range(122, 139, 4))
    lake = f'<path d="M-10 116H330V{HEIGHT}H-10Z" fill="{colors.near}"/>'
    return lake + _line(glints, colors.glow, 1.6, ' opacity=".6"')


def _forest(rng: random.Random, colors: Palette) -> str:
    trees = ""
    start = rng.randint(0, 150)
    for k in range(8):
        x, tall = start + k * 17 + rng.randint(-4, 4), rng.randint(20, 34)
        trees += f"M{x} {130 - tall}l9 {tall}h-18Z"
    return _fill(trees + f"M-10 127Q160 119 330 128V{HEIGHT}H-10Z", colors.near)


def _contours(rng: random.Random, colors: Palette) -> str:
    """The near slope as a map draws it: with height lines."""
    ridge = _hill_line(rng, 112, 5)
    lines = "".join(f"M-10 {y}Q{rng.randint(60, 130)} {y - 9} 170 {y}T330 {y}" for y in (124, 130, 136))
    return _fill(_closed(ridge), colors.near) + _line(lines, colors.glow, 1.2, ' opacity=".4"')


def _trail(rng: random.Random, sun_x: int) -> str:
    """The way up: a dotted line toward the light, with a marker where it ends."""
    x, end_x, end_y = rng.randint(8, 56), sun_x - rng.randint(34, 60), rng.randint(82, 94)
    path = f"M{x} 140C{x + 40} 118 {x + 84} 124 {x + 96} 110S{end_x - 24} {end_y + 12} {end_x} {end_y}"
    flag = _line(f"M{end_x} {end_y}v-15l9 4-9 4", "#fff", 2)
    return _line(path, "#fff", 2.6, ' stroke-dasharray="0 8" opacity=".85"') + flag


_Layer = Callable[[random.Random, Palette], str]
_RIDGES: tuple[_Layer, ...] = (_hills, _peaks, _dunes)
_FOREGROUNDS: tuple[_Layer, ...] = (_meadow, _water, _forest, _contours)
