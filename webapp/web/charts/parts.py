"""What every chart has: a title, one sentence, the numbers as a table, an address of the same as CSV."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.web.charts.scale import Number, number_text


@dataclass(frozen=True, slots=True)
class Caption:
    """Our own words on a chart: what it shows, in which unit, and how it reads; names in them come isolated (support/text.py). `csv`
    is the address of the same numbers."""

    heading: str
    reading: str
    unit: str = ""
    csv: str | None = None


@dataclass(frozen=True, slots=True)
class ChartTable:
    """The rows behind a chart. A cell is a number, None or a word."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Number | str, ...]], ...]
    digits: int = 0
    column_digits: tuple[int, ...] = ()
    """Where columns differ in it, for each but the first."""

    def is_text_column(self, place: int) -> bool:
        """Whether the cells at this place of a row are words, which stand at the left."""
        return bool(self.rows) and all(isinstance(cells[place], str) for _, cells in self.rows)

    @property
    def records(self) -> list[tuple[Number | str, ...]]:
        """The rows as a CSV file has them, label first."""
        return [(label, *cells) for label, cells in self.rows]

    def text(self, cell: Number | str, place: int = 0) -> str:
        """A cell at this place of a row as it is written."""
        return cell if isinstance(cell, str) else number_text(cell, self.column_digits[place] if self.column_digits else self.digits)


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend: which color or kind of mark means what."""

    tone: str
    word: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word at a place along an axis, in percent; `anchor` is start, middle or end."""

    at: float
    text: str
    anchor: str = "middle"


PHONE = 270
"""Pixels of a plot on a phone."""
LONGEST_NAME = 26
"""Letters of a name beside a drawing."""
_TONES = 5
_LETTER = 6.6
"""Pixels of a letter of 12 px, on average."""


def text_width(text: str) -> float:
    """About how wide a word of 12 px is."""
    return len(text) * _LETTER


def shortened(text: str, most: int) -> str:
    """A word cut to so many letters; the table has all of it."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def even_positions(count: int) -> tuple[float, ...]:
    """Places of so many points, in percent from edge to edge; a single one stands in the middle."""
    return (50.0,) if count == 1 else tuple(round(100 * n / (count - 1), 2) for n in range(count))


def axis_labels(labels: Sequence[str], room: float = PHONE) -> tuple[Label, ...]:
    """First, middle and last label at their points; fewer where they would touch on a phone."""
    places = even_positions(len(labels))
    if len(labels) < 2:
        return tuple(Label(at, text) for at, text in zip(places, labels, strict=True))
    last = len(labels) - 1
    ends = [Label(0, labels[0], "start"), Label(100, labels[last], "end")]
    middle = last // 2
    if last >= 2 and text_width(labels[0] + labels[middle] + labels[last]) + 60 <= room and 25 <= places[middle] <= 75:
        return ends[0], Label(places[middle], labels[middle]), ends[1]
    return tuple(ends) if text_width(labels[0] + labels[last]) + 12 <= room else (Label(0, shortened(labels[0], 34), "start"),)


def series_tone(number: int) -> str:
    """The color of a series, by its place."""
    return f"ser-{number % _TONES}"


def padded_to_length(values: Iterable[Number], count: int) -> tuple[Number, ...]:
    """Exactly so many values: what is missing at the end is None, what is too much goes."""
    kept = tuple(values)[:count]
    return kept + (None,) * (count - len(kept))
