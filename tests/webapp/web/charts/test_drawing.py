"""Every kind of chart is drawn whatever its numbers are: all lengths are finite, nothing leaves its plot, foreign names stay text."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask

from webapp.web.charts.bars import bar_chart
from webapp.web.charts.calibration import Group, calibration_chart
from webapp.web.charts.control import control_chart
from webapp.web.charts.heat import heat_map
from webapp.web.charts.histogram import histogram
from webapp.web.charts.line import Limit, Mark, Series, line_chart
from webapp.web.charts.multiples import Panel, small_multiples
from webapp.web.charts.parts import Caption
from webapp.web.charts.slope import Change, slope_chart
from webapp.web.charts.spark import sparkline

NAME = "<b>„A“ & Ü"
CAPTION = Caption(f"Title {NAME}", f"Sentence {NAME}.", "people", "/numbers.csv?a=1&b=2")
DATA: dict[str, list[Any]] = {
    "empty": [],
    "one": [5],
    "one missing": [None],
    "all equal": [3, 3, 3, 3],
    "zeros": [0, 0, 0],
    "negative": [-5, -2.5, -9, -0.1],
    "both sides": [-3, 4, -1, 0],
    "very large": [1e300, -1e308, 10**400, 3],
    "very small": [1e-300, 2e-300, 5e-324],
    "not numbers": [math.nan, math.inf, -math.inf, None],
    "gaps": [None, 1, None, 2, 3, None],
    "many": [float(n * n % 101) for n in range(400)],
}
_LENGTH = re.compile(r" (x|y|x1|x2|y1|y2|cx|cy|r|rx|width|height)=\"([^\"]*)\"")
_PATH = re.compile(r" d=\"([^\"]*)\"")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def labels(values: Sequence[Any]) -> list[str]:
    return [f"{NAME} {n}" for n in range(len(values))]


def line(values: Sequence[Any]) -> Any:
    series = [Series(NAME, values, values[::-1], values, "interval"), Series("Other", values[:1])]
    limits = [Limit(value, NAME) for value in values[:2]]
    return line_chart(CAPTION, labels(values), series, marks=[Mark(0, NAME), Mark(len(values) - 1, "end")], limits=limits)


KINDS: dict[str, Callable[[list[Any]], Any]] = {
    "line_chart": line,
    "control": lambda values: control_chart(CAPTION, labels(values), NAME, values),
    "bar_chart": lambda values: bar_chart(CAPTION, labels(values), [Series(NAME, values), Series("Other", values[:1])]),
    "histogram": lambda values: histogram(CAPTION, values, mark=(values[0], NAME) if values else None),
    "heat_map": lambda values: heat_map(CAPTION, labels(values), ["1", NAME], [[value] for value in values]),
    "slope_chart": lambda values: slope_chart(
        CAPTION, [Change(NAME, value, other) for value, other in zip(values, values[::-1], strict=True)], ("Before", "After")
    ),
    "small_multiples": lambda values: small_multiples(
        labels(values), [Panel(CAPTION, values, "1", usual=(min(1, 2), None)), Panel(CAPTION, values, "2")], shared=True
    ),
    "calibration_chart": lambda values: calibration_chart(
        CAPTION,
        [Group(3, value, other, value, other) for value, other in zip(values, values[::-1], strict=True)],
        stated=NAME,
        true=NAME,
        size="n",
    ),
    "spark": lambda values: sparkline(NAME, values, target=values[0] if values else None),
}


def drawn(app: Flask, kind: str, chart: Any) -> str:
    macro = "line_chart" if kind == "control" else kind
    further = ", 'Group'" if kind == "small_multiples" else ""
    source = "figures" if kind == "spark" else "chart"
    with app.test_request_context("/"):
        template = app.jinja_env.from_string(f"{{% from '_macros/{source}.html' import {macro} %}}{{{{ {macro}(c{further}) }}}}")
        return template.render(c=chart)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("kind", KINDS)
def test_any_numbers_give_a_drawing(app: Flask, kind: str, data: str) -> None:
    html = drawn(app, kind, KINDS[kind](DATA[data]))
    assert "<svg" in html
    assert "<b>" not in html
    for name, length in _LENGTH.findall(html):
        assert _NUMBER.fullmatch(length.removesuffix("%")), (name, length)
        value = float(length.removesuffix("%"))
        assert math.isfinite(value)
        assert value >= 0 or name in ("y", "y1"), (name, length)  # words of marks stand above the plot
        assert value <= 100 or not length.endswith("%"), (name, length)
    for path in _PATH.findall(html):
        assert re.fullmatch(r"[MLCZ0-9e. -]+", path), path
        assert all(math.isfinite(float(number)) for number in _NUMBER.findall(path))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "spark"])
def test_every_chart_has_title_sentence_table_and_csv(app: Flask, kind: str) -> None:
    html = drawn(app, kind, KINDS[kind]([1, 2, 3]))
    for part in ("<figcaption>Title", "Sentence ", "<details", "<table>", 'scope="row"', 'href="/numbers.csv?a=1&amp;b=2" download'):
        assert part in html
    assert " style=" not in html
    assert "There are no numbers yet." in drawn(app, kind, KINDS[kind]([]))
