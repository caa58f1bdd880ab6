"""Lines, bands, marks and limits."""

from webapp.support.messages import language_context
from webapp.support.pseudo_locale import PseudoCatalog
from webapp.web.charts.line import Limit, Mark, Series, line_chart, place_marks_without_overlap
from webapp.web.charts.multiples import Panel, small_multiples
from webapp.web.charts.parts import Caption, axis_labels, even_positions
from webapp.web.charts.paths import band_path, line_path

CAPTION = Caption("Title", "Sentence.")


def test_a_line_runs_through_its_points_from_edge_to_edge() -> None:
    chart = line_chart(CAPTION, ["a", "b", "c"], [Series("S", [0, 5, 10])])
    assert chart.scale.high == 10
    assert chart.lines[0].path == "M0 100L50 50L100 0"
    assert [(dot.x, dot.y) for dot in chart.lines[0].dots] == [(0, 100), (50, 50), (100, 0)]


def test_a_missing_value_leaves_a_gap_and_a_lone_one_a_dot() -> None:
    values = [1, 2, None, 3, None, *([4] * 15)]
    chart = line_chart(CAPTION, [str(n) for n in range(20)], [Series("S", values)])
    assert chart.lines[0].path.count("M") == 2
    assert [dot.text for dot in chart.lines[0].dots] == ["S, 3: 3", "S, 19: 4"]


def test_a_band_lies_between_its_ends_whichever_is_given_first() -> None:
    for lows, highs in (([2, 4], [6, 8]), ([6, 8], [2, 4])):
        chart = line_chart(CAPTION, ["a", "b"], [Series("S", [4, 6], lows, highs, "90 %")], fixed=(0, 10))
        assert chart.lines[0].band == "M0 40L100 20L100 60L0 80Z"
        assert [key.word for key in chart.keys] == ["S", "90 %"]


def test_a_band_stops_where_an_end_is_unknown() -> None:
    assert band_path([(0, 1), None, (2, 1)], [(0, 0), (1, 0), (2, 0)]).count("Z") == 2
    assert band_path([None], [(0, 0)]) == ""
    assert line_path([None, (1, 1), None]) == ""


def test_a_single_point_stands_in_the_middle() -> None:
    chart = line_chart(CAPTION, ["only"], [Series("S", [3], [2], [4])])
    assert (chart.lines[0].path, chart.lines[0].dots[0].x) == ("", 50)
    assert chart.lines[0].band.endswith("Z")
    assert [(label.at, label.text) for label in chart.labels] == [(50, "only")]


def test_series_of_another_length_are_cut_or_filled() -> None:
    chart = line_chart(CAPTION, ["a", "b"], [Series("Long", [1, 2, 3]), Series("Short", [1])])
    assert chart.numbers.rows == (("a", (1, 1)), ("b", (2, None)))


def test_the_table_has_values_interval_and_marks() -> None:
    chart = line_chart(CAPTION, ["a", "b"], [Series("S", [1, 2], [0, 1], [2, None])], marks=[Mark(1, "began")], first="Day")
    assert chart.numbers.columns == ("Day", "S", "S, from", "S, to", "Mark")
    assert [chart.numbers.is_text_column(place) for place in range(4)] == [False, False, False, True]
    assert chart.numbers.records == [("a", 1, 0, 2, ""), ("b", 2, 1, None, "began")]


def test_words_of_a_chart_are_in_the_language_of_the_reader() -> None:
    with language_context(PseudoCatalog()):
        heads = line_chart(CAPTION, ["a"], [Series("S", [1], [0], [2])], marks=[Mark(0, "began")]).numbers.columns
    assert heads[0].startswith("Ďáý")
    assert heads[1] == "S"
    assert [head[:3] for head in heads[2:4]] == ["S, ", "S, "]
    assert heads[2] != heads[3]
    assert not {"Day", "S, from", "S, to", "Mark"} & set(heads)


def test_zero_is_drawn_where_values_lie_on_both_sides() -> None:
    assert line_chart(CAPTION, ["a", "b"], [Series("S", [-5, 5])]).zero == 50
    assert line_chart(CAPTION, ["a", "b"], [Series("S", [1, 5])]).zero is None


def test_words_of_marks_keep_apart_and_inside() -> None:
    labels = [str(n) for n in range(11)]
    drawn = place_marks_without_overlap(
        [Mark(2, "policy 13 live"), Mark(3, "outage"), Mark(9, "policy 14 live"), Mark(44, "nowhere")], labels
    )
    assert [(mark.x, mark.row, mark.anchor) for mark in drawn] == [(20, 0, "start"), (30, 1, "start"), (90, 1, "end")]


def test_words_of_limits_keep_apart() -> None:
    limits = [Limit(10, "goal"), Limit(9.9, "limit"), Limit(None, "unknown")]
    drawn = line_chart(CAPTION, ["a"], [Series("S", [0])], limits=limits).limits
    assert [limit.text for limit in drawn] == ["goal 10", "limit 9.9"]
    assert drawn[1].word_y - drawn[0].word_y >= 9
    assert drawn[1].y - drawn[0].y < 9
    low = line_chart(CAPTION, ["a"], [Series("S", [10])], limits=[Limit(0.1, "b"), Limit(0, "c"), Limit(0.2, "a")]).limits
    assert [limit.word_y for limit in low] == [82, 91, 100]


def test_labels_of_an_axis_stand_at_their_points_and_leave_out_what_has_no_room() -> None:
    assert [(label.text, label.at) for label in axis_labels(["Mon", "Tue", "Wed"])] == [("Mon", 0), ("Tue", 50), ("Wed", 100)]
    assert [label.text for label in axis_labels(["a" * 18, "b" * 18, "c" * 18])] == ["a" * 18, "c" * 18]
    assert [label.text for label in axis_labels(["a" * 40, "b" * 40])] == ["a" * 33 + "…"]
    assert axis_labels([]) == ()
    assert even_positions(0) == ()


def test_small_multiples_share_a_scale_on_request() -> None:
    panels = [Panel(CAPTION, [1, 2], "2", usual=(1, 3)), Panel(CAPTION, [50, 100], "100")]
    own = small_multiples(["a", "b"], panels)
    assert own[0].scale != own[1].scale
    assert own[0].zone == (own[0].scale.percent_from_top(3), own[0].scale.percent_from_top(1) - own[0].scale.percent_from_top(3))
    assert own[1].zone is None
    shared = small_multiples(["a", "b"], panels, shared=True)
    assert shared[0].scale == shared[1].scale
    assert [len(chart.lines[0].dots) for chart in shared] == [1, 1]


def test_a_small_multiple_shows_its_last_point_and_those_no_line_shows() -> None:
    for more in (0, 20):  # few labels have all their points on a chart of its own, many have not
        (chart,) = small_multiples([str(n) for n in range(7 + more)], [Panel(CAPTION, [1, None, 5, None, 2, 3, 4], "4")])
        assert [dot.text.rpartition(": ")[2] for dot in chart.lines[0].dots] == ["1", "5", "4"]
