"""Scales with round ticks, on answers worked out by hand."""

import math
from decimal import Decimal
from itertools import pairwise

import pytest

from webapp.web.charts.scale import axis_text, decimals, drawable_values, exact_text, number_text, round_scale, round_step, tick_texts

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("values", "zero", "ticks"),
    [
        ([3, 7, 111], True, (0, 50, 100, 150)),
        ([28, 45, 50], True, (0, 20, 40, 60)),
        ([28, 45, 50], False, (20, 30, 40, 50)),
        ([0.1, 0.43], False, (0.1, 0.2, 0.3, 0.4, 0.5)),
        ([-5, 12], True, (-5, 0, 5, 10, 15)),
        ([-12, -3], True, (-15, -10, -5, 0)),
        ([1, 2], True, (0, 1, 2)),
        ([7], True, (0, 2, 4, 6, 8)),
        ([5, 5, 5], False, (4, 5, 6)),
        ([0, 0], True, (0, 1)),
        ([], True, (0, 0.25, 0.5, 0.75, 1)),
        ([None, NAN, INF], False, (0, 0.25, 0.5, 0.75, 1)),
        ([None, 4, NAN], True, (0, 1, 2, 3, 4)),
        ([Decimal("2.5"), Decimal(10)], True, (0, 2.5, 5, 7.5, 10)),
    ],
)
def test_ticks_are_round_and_hold_every_value(values, zero, ticks) -> None:
    assert round_scale(values, zero).ticks == pytest.approx(ticks)


@pytest.mark.parametrize("zero", [True, False])
@pytest.mark.parametrize(
    "values",
    [[1e300, -1e308], [10**400, 1], [1e18, 1e18 + 1], [1e-9], [1e-320], [-3, -3], [999_999, 1_000_001], [0.3, 0.30000000000000004], [-0.0]],
)
def test_extreme_values_have_a_scale_too(values, zero) -> None:
    scale = round_scale(values, zero)
    assert 2 <= len(scale.ticks) <= 12
    assert all(math.isfinite(tick) for tick in scale.ticks)
    assert all(a < b for a, b in pairwise(scale.ticks))
    assert all(
        scale.low * 0.999999 <= value <= scale.high * 1.000001 or scale.low <= value <= scale.high for value in drawable_values(values)
    )
    assert all(0 <= scale.percent(value) <= 100 for value in drawable_values(values))


def test_whole_numbers_get_no_broken_ticks() -> None:
    assert round_scale([0, 1, 2, 3, 3]).ticks == (0, 1, 2, 3)
    assert round_scale([9]).texts == ("0", "5", "10")
    assert round_step(2.1, whole=True) == 5
    assert round_step(2.1) == 2.5


def test_a_value_stands_at_its_share_of_the_way() -> None:
    scale = round_scale([0, 100])
    assert (scale.percent(25), scale.percent_from_top(25)) == (25, 75)
    assert (scale.percent(-10), scale.percent(1000)) == (0, 100)


def test_fixed_ends_are_held_and_zero_need_not_be() -> None:
    assert round_scale([52, 57], zero=False, fixed=(50, 60)).ticks[0] == 50
    assert round_scale([52, 57], zero=False, fixed=(50, 60)).ticks[-1] == 60


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1200, 0, "1,200"),
        (-0.5, 1, "−0.5"),
        (-0.0001, 2, "0.00"),
        (2_500_000, 0, "2.5\u00a0M"),
        (-3e9, 0, "−3\u00a0bn"),
        (1e12, 0, "1\u00a0T"),
        (1e18, 0, "1.00e+18"),
        (2e-9, 6, "2.00e−09"),
        (0, 0, "0"),
    ],
)
def test_numbers_at_axes_are_short(value, digits, text) -> None:
    assert axis_text(value, digits) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(None, 0, "–"), (NAN, 1, "–"), (INF, 0, "–"), (1234.5, 1, "1,234.5"), (-7, 0, "−7"), (10**400, 0, "1.000e+300"), (True, 0, "1")],
)
def test_numbers_in_tables(value, digits, text) -> None:
    assert number_text(value, digits) == text


@pytest.mark.parametrize(("step", "digits"), [(1, 0), (50, 0), (2.5, 1), (0.25, 2), (0.1, 1), (1e-9, 6)])
def test_ticks_have_as_many_decimals_as_their_step_needs(step, digits) -> None:
    assert decimals(step) == digits


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        ((0, 500_000, 1_000_000), ("0", "500,000", "1\u00a0M")),
        ((1_000_200, 1_000_400, 1_000_600), ("1,000,200", "1,000,400", "1,000,600")),
        ((-2e9, -1.999e9, -1.998e9), ("−2,000,000,000", "−1,999,000,000", "−1,998,000,000")),
        ((0, 2e-9, 4e-9), ("0", "2e−09", "4e−09")),
        ((1.0, 1.0000000025, 1.000000005), ("1", "1.0000000025", "1.000000005")),
    ],
)
def test_ticks_between_large_numbers_can_be_told_apart(ticks, texts) -> None:
    assert tick_texts(ticks) == texts


@pytest.mark.parametrize(
    "values", [[1e6, 1e6 + 0.002], [1e9, 1e9 + 2], [-1e12, -1e12 + 40], [3e7, 3.0001e7], [1, 1 + 1e-8], [1e-7, 1.2e-6]]
)
def test_no_two_ticks_of_a_scale_read_the_same(values) -> None:
    texts = round_scale(values, zero=False).texts
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("value", "text"), [(2_500_000, "2.5\u00a0M"), (1_000_450, "1,000,450"), (0.125, "0.125"), (-3e12, "−3\u00a0T")])
def test_a_level_is_named_exactly(value, text) -> None:
    assert exact_text(value) == text
