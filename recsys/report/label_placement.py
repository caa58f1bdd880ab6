"""Label placement in a scatter: each name in a free place, with a thin line to its dot where that is not beside it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recsys.report.svg import line, text

CHARACTER, BOLD = 6.4, 7.4  # width of a letter at the plots' font size
_DOT, _CORE = 5.0, 3.0  # half a dot with the room around it, and without
_APART = 4.0  # between names on one line, so that two numbers do not read as one
_ABOVE, _BELOW = 10.0, 3.0  # what a name takes over and under its baseline
_RADII = range(18, 130, 7)
_DIRECTIONS = 16

Box = tuple[float, float, float, float]
Segment = tuple[float, float, float, float]
Place = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """Where a name may stand: its baseline, which end of it that is, and whether a line has to lead there from its dot."""

    x: float
    y: float
    anchor: str
    led: bool = False


@dataclass(frozen=True)
class Name:
    """What to write at a dot; `kind` as in a Point. Empty names are left out."""

    words: str
    kind: str


def draw_name_labels(names: Sequence[Name], dots: Sequence[Place], drawn: Sequence[Segment], area: Box) -> list[str]:
    """Markup of the names of `dots`, the last first, that cover no dot, no other name and nothing `drawn`, and stay in `area`.

    Lines cross neither names nor dots nor each other, unless a name finds no place otherwise. One for which there is none is left out:
    the table of a figure holds all of them.
    """
    boxes = [_around(dot, _DOT) for dot in dots]
    segments = list(drawn)
    body = []
    for number, (name, dot) in reversed(list(enumerate(zip(names, dots, strict=True)))):
        if not name.words:
            continue
        taken = boxes[:number] + boxes[number + 1 :]
        free = [(s, box) for s in _spots(dot) if _is_free(box := _box(name, s), area, taken, segments)]
        led = [(s, box, _leader_line(dot, box)) for s, box in free if s.led]
        beside = [(s, box) for s, box in free if not s.led]
        place = next(iter(beside), None) or _best_led_spot(led, boxes[len(dots) :], dot, dots, segments)
        if place is None:
            continue
        spot, box = place
        if spot.led:
            segments.append(_leader_line(dot, box))
            body.append(line(*segments[-1], "leader"))
        boxes.append((box[0] - _APART, box[1], box[2] + _APART, box[3]))
        body.append(text(spot.x, spot.y, name.words, f"note {name.kind}", spot.anchor))
    return body


def _best_led_spot(
    places: Sequence[tuple[Spot, Box, Segment]], names: Sequence[Box], dot: Place, dots: Sequence[Place], segments: Sequence[Segment]
) -> tuple[Spot, Box] | None:
    """The first place whose line crosses nothing, or at least no name, or any; where dots lie on each other no line avoids them.

    A place beside another dot comes last: a name there reads as that one's.
    """
    distant_dots = [other for other in dots if math.dist(dot, other) > 2 * _DOT]
    cores = [_around(other, _CORE) for other in distant_dots]
    places = [place for place in places if not any(_meet(place[1], _around(other, _APART + _DOT)) for other in distant_dots)] or places
    rules: Sequence[tuple[Sequence[Box], Sequence[Segment]]] = (([*cores, *names], segments), (names, ()), ((), ()))
    for boxes, lines in rules:
        for spot, box, lead in places:
            if not any(_segment_crosses_box(lead, other) for other in boxes) and not any(_segments_cross(lead, other) for other in lines):
                return spot, box
    return None


def _is_free(box: Box, area: Box, taken: Sequence[Box], segments: Sequence[Segment]) -> bool:
    inside = box[0] >= area[0] and box[1] >= area[1] and box[2] <= area[2] and box[3] <= area[3]
    return inside and not any(_meet(box, other) for other in taken) and not any(_segment_crosses_box(segment, box) for segment in segments)


def _around(place: Place, reach: float) -> Box:
    return place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach


def _spots(dot: Place) -> Iterator[Spot]:
    """Places for a label: beside, above and below the dot, then around it ever further away."""
    x, y = dot
    yield from (Spot(x + 8, y + 4, "start"), Spot(x - 8, y + 4, "end"), Spot(x, y - 9, "middle"), Spot(x, y + 17, "middle"))
    yield from (Spot(x + 8, y - 8, "start"), Spot(x - 8, y - 8, "end"), Spot(x + 8, y + 16, "start"), Spot(x - 8, y + 16, "end"))
    for radius in _RADII:
        for step in range(_DIRECTIONS):
            angle = 2 * math.pi * step / _DIRECTIONS
            across = math.cos(angle)
            anchor = "start" if across > 0.3 else "end" if across < -0.3 else "middle"
            yield Spot(x + radius * across, y + radius * math.sin(angle) + 4, anchor, led=True)


def _box(name: Name, spot: Spot) -> Box:
    size = len(name.words) * (BOLD if name.kind == "accent" else CHARACTER)
    start = spot.x - {"start": 0.0, "middle": size / 2, "end": size}[spot.anchor]
    return start, spot.y - _ABOVE, start + size, spot.y + _BELOW


def _leader_line(dot: Place, box: Box) -> Segment:
    """From the edge of a dot to the nearest point of a name."""
    x, y = dot
    to_x, to_y = min(max(x, box[0] - 2), box[2] + 2), min(max(y, box[1]), box[3])
    length = math.hypot(to_x - x, to_y - y) or 1.0
    return x + (to_x - x) * _DOT / length, y + (to_y - y) * _DOT / length, to_x, to_y


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _segments_cross(one: Segment, other: Segment) -> bool:
    """Does each of two segments have its ends on different sides of the other?"""
    return _orientation_product(one, other) < 0 and _orientation_product(other, one) < 0


def _orientation_product(base: Segment, other: Segment) -> float:
    """Below zero where the ends of `other` lie on different sides of the line through `base`."""
    x, y, to_x, to_y = base
    first, last = ((to_x - x) * (other[at + 1] - y) - (to_y - y) * (other[at] - x) for at in (0, 2))
    return first * last


def _segment_crosses_box(segment: Segment, box: Box) -> bool:
    """Does a part of the segment lie in the box? (Liang and Barsky 1984.)"""
    x, y, to_x, to_y = segment
    first, last = 0.0, 1.0
    for step, start, low, high in ((to_x - x, x, box[0], box[2]), (to_y - y, y, box[1], box[3])):
        if step == 0:
            if not low < start < high:
                return False
            continue
        near, far = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, near), min(last, far)
    return first < last
