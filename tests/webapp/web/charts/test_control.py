"""Control limits and run rules, on answers worked out by hand."""

import pytest

from webapp.web.charts.control import ControlLimits, Signal, control_chart, control_limits, signals
from webapp.web.charts.parts import Caption

CAPTION = Caption("Title", "Sentence.")
QUIET = ControlLimits(center=10, sigma=1)


def test_limits_are_the_mean_and_266_mean_moving_ranges() -> None:
    limits = control_limits([10, 12, 11, 13])
    assert limits is not None
    assert limits.center == 11.5
    assert limits.high - limits.center == pytest.approx(2.66 * (2 + 1 + 2) / 3, rel=1e-3)
    assert limits.center - limits.low == pytest.approx(limits.high - limits.center)


def test_limits_stop_at_what_a_measure_can_be() -> None:
    limits = control_limits([0.02, 0.3, 0.01], lowest=0, highest=1)
    assert limits is not None
    assert limits.low == 0
    assert limits.high <= 1


@pytest.mark.parametrize("values", [[], [5], [None, 5, None]])
def test_too_few_values_have_no_limits(values) -> None:
    assert control_limits(values) is None
    assert control_chart(CAPTION, [str(n) for n in range(len(values))], "V", values).zone is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([10, 13.5, 10], {1: Signal.OUTSIDE}),
        ([10, 6.9], {1: Signal.OUTSIDE}),
        ([12.5, 10, 12.5], {2: Signal.TWO_OF_THREE}),
        ([12.5, 10, 7.5], {}),
        ([12.5, 10, 10, 12.5], {}),
        ([10.1] * 7, {}),
        ([10.1] * 9, {7: Signal.RUN, 8: Signal.RUN}),
        ([9.9] * 4 + [10] + [9.9] * 4, {}),
        ([10.1] * 4 + [None] + [10.1] * 4, {8: Signal.RUN}),
        ([10] * 20, {}),
        ([], {}),
    ],
)
def test_points_that_chance_does_not_explain(values, expected) -> None:
    assert signals(values, QUIET) == expected


def test_equal_values_have_no_signal() -> None:
    chart = control_chart(CAPTION, [str(n) for n in range(12)], "V", [0.1] * 12)
    assert not [dot for dot in chart.lines[0].dots if dot.tone]


def test_a_signal_is_marked_and_said_in_words() -> None:
    chart = control_chart(CAPTION, ["a", "b", "c"], "Time", [10, 14, 10], QUIET)
    marked = [dot for dot in chart.lines[0].dots if dot.tone]
    assert [dot.text for dot in marked] == ["b: 14, outside the limits"]
    assert [row[-1] for row in chart.numbers.records] == ["", "outside the limits", ""]
    assert [key.word for key in chart.keys] == ["where it usually lies", "center 10", "more than chance"]
    assert [limit.text for limit in chart.limits] == ["upper limit 13", "", "lower limit 7"]
    assert chart.zone == (chart.scale.percent_from_top(13), chart.scale.percent_from_top(7) - chart.scale.percent_from_top(13))
