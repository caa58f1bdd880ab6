"""Names beside dots."""

import re
from itertools import pairwise

import numpy as np
import pytest

from recsys.report.label_placement import BOLD, CHARACTER, Name, draw_name_labels

AREA = (38.0, 16.0, 262.0, 200.0)
Box = tuple[float, float, float, float]


def _boxes(markup: list[str]) -> dict[str, Box]:
    """Where each name stands, by its words."""
    found = {}
    for element in markup:
        if element.startswith("<text"):
            given = dict(re.findall(r'([\w-]+)="([^"]*)"', element))
            words = element.split(">")[1].split("<")[0]
            size = len(words) * (BOLD if "accent" in given["class"] else CHARACTER)
            start = float(given["x"]) - {"start": 0, "middle": size / 2, "end": size}[given.get("text-anchor", "start")]
            found[words] = (start, float(given["y"]) - 10, start + size, float(given["y"]) + 3)
    return found


def _apart(one: Box, other: Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize("seed", range(5))
def test_every_dot_of_a_crowd_has_its_name_and_none_covers_another(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dots = [(float(x), float(y)) for x, y in rng.normal((200, 60), (15, 8), (8, 2))]
    names = [Name(f"model {n}", "accent" if n == 7 else "plain") for n in range(8)]
    boxes = _boxes(draw_name_labels(names, dots, [], AREA))
    assert set(boxes) == {name.words for name in names}
    placed = list(boxes.values())
    around = [(x - 4.9, y - 4.9, x + 4.9, y + 4.9) for x, y in dots]
    assert all(_apart(one, other) for n, one in enumerate(placed) for other in (*placed[:n], *around))
    assert all(AREA[0] <= x and AREA[1] <= y and to_x <= AREA[2] and to_y <= AREA[3] for x, y, to_x, to_y in placed)


def test_a_name_far_from_its_dot_is_led_to_it() -> None:
    crowd = [(150.0 + 7 * x, 100.0 + 7 * y) for y in range(3) for x in range(3)]
    middle = draw_name_labels([Name("middle" if n == 4 else "", "plain") for n in range(9)], crowd, [], AREA)
    assert ["leader" in element for element in middle] == [True, False]
    assert not any("leader" in element for element in draw_name_labels([Name("alone", "plain")], [(150.0, 100.0)], [], AREA))


@pytest.mark.parametrize("slope", [-1.2, -0.4, 0.0, 0.3, 1.0])
def test_no_name_lies_on_the_curve(slope: float) -> None:
    dots = [(60 + 20.0 * n, 110 + slope * (20 * n - 80)) for n in range(9)]
    path = [(*one, *other) for one, other in pairwise(dots)]
    boxes = _boxes(draw_name_labels([Name(f"{n / 4:g}", "accent") for n in range(9)], dots, path, AREA))
    assert len(boxes) == 9
    for x, y, to_x, to_y in boxes.values():
        along = np.arange(max(x, 60), min(to_x, 220), 0.5)  # nothing beyond the ends of the curve
        height = 110 + slope * (along - 140)
        assert not ((height > y) & (height < to_y)).any()


def test_what_has_no_place_is_left_out() -> None:
    assert draw_name_labels([Name("a name wider than the plot it stands in", "plain")], [(150.0, 100.0)], [], AREA) == []
