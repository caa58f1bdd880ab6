"""Slope charts: what becomes of each value, or each place of a ranking, from before to after."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.support.messages import gettext
from webapp.web.charts.parts import LONGEST_NAME, Caption, ChartTable, Key, Label, series_tone, shortened, text_width
from webapp.web.charts.scale import Number, axis_text, decimals, drawable_or_none, drawable_values

_TOP, _APART, _MIDDLE, _DOT = 34, 24, 90, 18
_EN_SPACE = "\u2002"


@dataclass(frozen=True, slots=True)
class Change:
    """Something with a value before and after; None where it was not there."""

    name: str
    before: Number
    after: Number


@dataclass(frozen=True, slots=True)
class SlopeLine:
    """A change in pixels; None where one end is missing. `tone` is up, same, new or gone."""

    tone: str
    before: float | None
    after: float | None
    before_text: str
    after_text: str


@dataclass(frozen=True, slots=True)
class SlopeChart:
    """Everything the macro `slope_chart` writes, in pixels. `heads` are the words above both columns."""

    caption: Caption
    numbers: ChartTable
    width: float
    height: float
    left: float
    right: float
    heads: tuple[Label, Label]
    lines: tuple[SlopeLine, ...]
    keys: tuple[Key, ...]


def slope_chart(
    caption: Caption,
    changes: Sequence[Change],
    columns: tuple[str, str],
    *,
    first: str = "",
    places: bool = False,
    digits: int | None = None,
) -> SlopeChart:
    """Changes between two columns. `places`: the values are places of a ranking, 1 on top, and a smaller one is better."""
    befores, afters = [c.before for c in changes], [c.after for c in changes]
    heights = _value_heights([*befores, *afters], places)
    left_ys, right_ys = (_separate_heights(values, heights) for values in (befores, afters))
    shown = digits if digits is not None else max((decimals(value) for value in drawable_values([*befores, *afters])), default=0)
    words = [
        (_EN_SPACE.join(_value_label(c.name, c.before, shown)), _EN_SPACE.join(reversed(_value_label(c.name, c.after, shown))))
        for c in changes
    ]
    left = max([text_width(text) for text, _ in words] + [text_width(columns[0])]) + _DOT
    wide = max([text_width(text) for _, text in words] + [text_width(columns[1])]) + _DOT
    lines = tuple(
        SlopeLine(_tone(change, places), before, after, *texts)
        for change, before, after, texts in zip(changes, left_ys, right_ys, words, strict=True)
    )
    bottom = max([y for y in (*left_ys, *right_ys) if y is not None], default=_TOP)
    return SlopeChart(
        caption,
        ChartTable((first or gettext("Item"), *columns), tuple((c.name, (c.before, c.after)) for c in changes), shown),
        round(left + _MIDDLE + wide),
        round(bottom + 16),
        round(left, 1),
        round(left + _MIDDLE, 1),
        (Label(round(left, 1), columns[0], "end"), Label(round(left + _MIDDLE, 1), columns[1], "start")),
        lines,
        _keys({line.tone for line in lines}),
    )


def _value_heights(values: Sequence[Number], places: bool) -> dict[float, float]:
    """The height of each value: places stand row below row, values in proportion over as much room as their number needs."""
    numbers = drawable_values(values)
    if not numbers:
        return {}
    low, high = min(numbers), max(numbers)
    room = (len(set(numbers)) - 1) * _APART
    span = high - low or 1.0
    if places:
        return {number: _TOP + room * (number - low) / span for number in numbers}
    return {number: _TOP + room * (high - number) / span for number in numbers}


def _separate_heights(values: Sequence[Number], heights: dict[float, float]) -> list[float | None]:
    """Heights of one column, pushed down where two words would touch."""
    ys: list[float | None] = [None if (value := drawable_or_none(v)) is None else heights[value] for v in values]
    last = -float(_APART)
    for n in sorted((n for n, y in enumerate(ys) if y is not None), key=lambda n: (ys[n], n)):
        last = max(ys[n] or 0.0, last + _APART)
        ys[n] = round(last, 1)
    return ys


def _value_label(name: str, value: Number, digits: int) -> tuple[str, ...]:
    number = drawable_or_none(value)
    return () if number is None else (shortened(name, LONGEST_NAME), axis_text(number, digits))


def _tone(change: Change, places: bool) -> str:
    before, after = drawable_or_none(change.before), drawable_or_none(change.after)
    if before is None or after is None:
        return "gone" if after is None else "new"
    return "up" if (after < before if places else after > before) else "same"


def _keys(tones: set[str]) -> tuple[Key, ...]:
    names = {
        "up": (series_tone(0), gettext("up")),
        "same": (series_tone(1), gettext("same or down")),
        "new": (series_tone(2), gettext("new")),
        "gone": (f"{series_tone(1)} open", gettext("gone")),
    }
    return tuple(Key(*key) for tone, key in names.items() if tone in tones)
