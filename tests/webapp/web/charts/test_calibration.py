"""Calibration charts: points and intervals where they belong, whatever the numbers are."""

import math

import pytest

from webapp.web.charts.calibration import Group, calibration_chart
from webapp.web.charts.parts import Caption

CAPTION = Caption("Do chances come true?", "Mostly.")


def _chart(*groups: Group):
    return calibration_chart(CAPTION, groups, stated="told", true="finished", size="attempts")


def test_points_stand_across_by_the_chance_and_up_by_what_came_true() -> None:
    chart = _chart(Group(1200, 20, 30, 25, 36), Group(900, 80, 75.5, 70, 81))
    assert [(dot.x, dot.y, dot.text) for dot in chart.dots] == [
        (20.0, 70.0, "told 20 %, finished 30 %"),
        (80.0, 24.5, "told 80 %, finished 76 %"),
    ]
    assert [(each.x, each.top, each.bottom) for each in chart.intervals] == [(20.0, 64.0, 75.0), (80.0, 19.0, 30.0)]
    (head, cells), _ = chart.numbers.rows
    assert (head, [chart.numbers.text(cell, place) for place, cell in enumerate(cells)]) == ("20.0 %", ["30.0", "25", "36", "1,200"])


@pytest.mark.parametrize("bad", [math.nan, math.inf, None])
def test_what_has_no_place_is_left_out_of_the_drawing_and_stays_in_the_table(bad: float) -> None:
    chart = _chart(Group(3, 20, bad, 10, 30), Group(4, 40, 50, bad, 60))
    assert [dot.x for dot in chart.dots] == [40.0]
    assert chart.intervals == ()
    assert len(chart.numbers.rows) == 2


def test_nothing_judged_draws_the_axes_alone() -> None:
    chart = _chart()
    assert (chart.dots, chart.intervals, chart.numbers.rows) == ((), (), ())
    assert [label.at for label in chart.labels] == [0, 50, 100]
