"""Heat maps, histograms, slopes, bars and sparklines, on answers worked out by hand."""

from itertools import pairwise

from webapp.web.charts.bars import bar_chart
from webapp.web.charts.heat import heat_map, shades
from webapp.web.charts.histogram import Bin, bins, histogram
from webapp.web.charts.line import Series
from webapp.web.charts.parts import Caption
from webapp.web.charts.slope import Change, slope_chart
from webapp.web.charts.spark import sparkline

CAPTION = Caption("Title", "Sentence.")


def test_shades_rise_in_equal_steps_from_zero() -> None:
    assert shades([0, 1.9, 2, 5, 9, 10, None], [10]) == [1, 1, 2, 3, 5, 5, 0]
    assert shades([-10, 0, 10], [-10, 10]) == [1, 3, 5]
    assert shades([0, 0, None], [0, 0]) == [1, 1, 0]
    assert shades([7, 7], [7, 7]) == [5, 5]
    assert shades([], []) == []


def test_a_cell_stands_in_its_row_and_column() -> None:
    chart = heat_map(CAPTION, ["A", "B"], ["1", "2"], [[1, 2], [3]])
    assert [(cell.text, cell.level) for cell in chart.cells] == [("1", 2), ("2", 4), ("3", 5), ("", 0)]
    first, second, third, _ = chart.cells
    assert (first.y, first.x) == (second.y, third.x)
    assert second.x + chart.cell_width <= chart.width
    assert third.y + chart.cell_height <= chart.height


def test_bins_are_round_and_count_every_value_once() -> None:
    assert bins([0, 1, 2, 3, 4, 4, 8]) == (Bin(0, 2, 2), Bin(2, 4, 2), Bin(4, 6, 2), Bin(6, 8, 1))
    assert sum(each.count for each in bins([0.1 * n for n in range(100)])) == 100
    assert bins([]) == bins([None]) == ()
    assert sum(each.count for each in bins([5, 5, 5])) == 3
    assert sum(each.count for each in bins([-1e300, 1e300, 10**400])) == 3


def test_bars_of_a_histogram_fill_the_plot() -> None:
    chart = histogram(CAPTION, [0, 1, 2, 3, 4, 4, 8], mark=(4, "median"))
    assert [(bar.x, bar.width) for bar in chart.bars] == [(0, 25), (25, 25), (50, 25), (75, 25)]
    assert chart.marks[0].x == 50
    assert histogram(CAPTION, [], mark=(4, "median")).marks == ()
    assert chart.numbers.records[0] == ("0 to 2", 2)


def test_a_slope_rises_where_the_place_gets_better() -> None:
    changes = [Change("Up", 2, 1), Change("Down", 1, 2), Change("New", None, 3), Change("Gone", 3, None), Change("Nowhere", None, None)]
    chart = slope_chart(CAPTION, changes, ("Before", "After"), places=True)
    assert [line.tone for line in chart.lines] == ["up", "same", "new", "gone", "gone"]
    up, down, new, gone, _ = chart.lines
    assert (up.after, up.before) == (down.before, down.after)
    assert (new.before, gone.after) == (None, None)
    assert [key.word for key in chart.keys] == ["up", "same or down", "new", "gone"]
    assert slope_chart(CAPTION, [Change("Up", 2, 1)], ("Before", "After")).lines[0].tone == "same"


def test_words_of_a_slope_never_touch() -> None:
    chart = slope_chart(CAPTION, [Change(str(n), 1 + n / 1000, 5) for n in range(6)], ("Before", "After"))
    for heights in ([line.before for line in chart.lines], [line.after for line in chart.lines]):
        ordered = sorted(heights)
        assert all(b - a >= 24 for a, b in pairwise(ordered))
        assert ordered[-1] < chart.height


def test_bars_begin_at_zero() -> None:
    chart = bar_chart(CAPTION, ["a", "b", "c"], [Series("S", [30, -10, None])])
    assert [(line.x, line.width, line.text) for _, (line,) in chart.groups] == [(25, 75, "30"), (0, 25, "−10"), (25, 0, "–")]
    (_, (half,)) = bar_chart(CAPTION, ["a"], [Series("S", [50])], top=100).groups[0]
    assert (half.x, half.width) == (0, 50)
    (_, (nothing,)) = bar_chart(CAPTION, ["a"], [Series("S", [0])]).groups[0]
    assert nothing.width == 0


def test_a_sparkline_ends_in_a_dot_and_holds_its_target() -> None:
    spark = sparkline("Rising", [0, 10], target=20)
    assert (spark.path, spark.dot, spark.target) == ("M4 24L92 14", (92, 14), 4)
    assert sparkline("One", [3]).dot == (48, 14)
    assert sparkline("Flat", [3, 3]).path == "M4 14L92 14"
    assert (sparkline("None", []).dot, sparkline("None", [None]).path) == (None, "")
    assert sparkline("Gap", [1, None]).dot is not None


def test_stretches_between_large_numbers_have_names_of_their_own() -> None:
    chart = histogram(CAPTION, [2_000_000 + n for n in range(90)])
    names = [name for name, _ in chart.numbers.rows]
    assert names[0] == "2,000,000 to 2,000,010"
    assert len(set(names)) == len(names)
