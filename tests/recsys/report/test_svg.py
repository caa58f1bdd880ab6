"""Scales and ticks."""

import pytest

from recsys.report.svg import Scale, element, nice_step, padded_domain


def test_a_scale_maps_ends_to_ends_and_keeps_what_lies_outside_on_its_edge() -> None:
    scale = Scale(0, 2, 100, 0)
    assert [scale.to_pixel(v) for v in (0, 1, 2, 3, -1)] == [100, 50, 0, 0, 100]


def test_a_logarithmic_scale_gives_each_power_the_same_room() -> None:
    scale = Scale(0.1, 100, 0, 30, log=True)
    assert [scale.to_pixel(v) for v in (0.1, 1, 10, 100)] == pytest.approx([0, 10, 20, 30])
    assert scale.ticks() == [0.1, 1, 10, 100]


@pytest.mark.parametrize(("span", "step"), [(1.0, 0.2), (0.35, 0.1), (0.02, 0.005), (850, 200), (12.4, 2.5)])
def test_steps_are_round(span: float, step: float) -> None:
    assert nice_step(span, 5) == pytest.approx(step)


def test_ticks_lie_inside_and_include_zero() -> None:
    ticks = Scale(-0.013, 0.006, 0, 100).ticks(5)
    assert ticks == pytest.approx([-0.01, -0.005, 0, 0.005])


def test_a_domain_has_room_and_begins_at_zero_where_asked() -> None:
    assert padded_domain([0.2, 0.4])[0] == 0
    low, high = padded_domain([0.2, 0.4], zero=False)
    assert low < 0.2
    assert high > 0.4
    low, high = padded_domain([0.3, 0.3], zero=False)
    assert low < high


def test_attributes_are_escaped_and_absent_ones_left_out() -> None:
    assert element("g", class_='a"b', text_anchor=None, x=1.0, y=2.25) == '<g class="a&quot;b" x="1" y="2.2"/>'
