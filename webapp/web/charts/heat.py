"""Heat maps: a number in each cell of a grid, the larger the darker."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.support.messages import gettext
from webapp.web.charts.parts import LONGEST_NAME, Caption, ChartTable, Label, padded_to_length, shortened, text_width
from webapp.web.charts.scale import Number, axis_text, drawable_or_none, drawable_values, is_drawable, number_text

LEVELS = 5
_ROW, _HEAD, _GAP = 34, 22, 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A rectangle in pixels. `level` runs from 1 to 5; 0 is a place without a value."""

    x: float
    y: float
    level: int
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Everything the macro `heat_map` writes, in pixels; `heads` and `names` are the words of columns and rows."""

    caption: Caption
    numbers: ChartTable
    width: float
    height: float
    cell_width: float
    heads: tuple[Label, ...]
    names: tuple[Label, ...]
    cells: tuple[Cell, ...]
    cell_height: float = _ROW - _GAP


def heat_map(
    caption: Caption,
    names: Sequence[str],
    heads: Sequence[str],
    values: Sequence[Sequence[Number]],
    *,
    first: str = "",
    digits: int = 0,
) -> HeatMap:
    """A grid of `values`, a row for each name and a column for each head."""
    rows = [padded_to_length(values[n] if n < len(values) else (), len(heads)) for n in range(len(names))]
    every = [value for row in rows for value in row]
    texts = [axis_text(value, digits) for value in drawable_values(every)]
    wide = max([31.0, *(text_width(text) + 10 for text in (*texts, *heads))]) + _GAP
    left = max((text_width(shortened(name, LONGEST_NAME)) for name in names), default=0) + 12
    cells = tuple(
        Cell(left + column * wide, _HEAD + row * _ROW, level, _cell_text(value, digits), f"{name}, {head}: {number_text(value, digits)}")
        for row, (name, cells_of_row) in enumerate(zip(names, rows, strict=True))
        for column, (head, value, level) in enumerate(zip(heads, cells_of_row, shades(cells_of_row, every), strict=True))
    )
    return HeatMap(
        caption,
        ChartTable((first or gettext("Row"), *heads), tuple(zip(names, rows, strict=True)), digits),
        round(left + len(heads) * wide),
        _HEAD + len(names) * _ROW,
        round(wide - _GAP, 1),
        tuple(Label(round(left + (n + 0.5) * wide - _GAP / 2, 1), head) for n, head in enumerate(heads)),
        tuple(Label(_HEAD + n * _ROW + 20, shortened(name, LONGEST_NAME), "start") for n, name in enumerate(names)),
        cells,
    )


def shades(values: Sequence[Number], every: Sequence[Number]) -> list[int]:
    """The shade of each value on the way from the lowest of `every` (zero, where none is negative) to the highest: 1 to 5, 0 for none."""
    numbers = drawable_values(every)
    low, high = min([0.0, *numbers]), max([0.0, *numbers])
    if high <= low:
        return [1 if is_drawable(value) else 0 for value in values]
    return [0 if (value := drawable_or_none(v)) is None else _shade(value, low, high) for v in values]


def _shade(value: float, low: float, high: float) -> int:
    share = (value - low) / (high - low)
    return 1 + min(int(share * LEVELS), LEVELS - 1)


def _cell_text(value: Number, digits: int) -> str:
    number = drawable_or_none(value)
    return "" if number is None else axis_text(number, digits)
