"""Items out of tables: what cannot be used is left out, and told with its row."""

import numpy as np
import pandas as pd
import pytest

from recsys.data.items import CheckedItems, as_checked_items, items_from_frame, parse_items, parse_labels
from recsys.data.validation import RowProblem
from recsys.errors import DataError
from recsys.faults import Fault, fault_sentence, fault_statement
from recsys.types import Item


def test_rows_without_an_id_or_with_a_repeated_one_are_left_out_and_told() -> None:
    frame = pd.DataFrame({"item_id": ["b", None, "a", " ", "b"], "title": ["B", "nameless", "A", "blank", "again"]})
    found = parse_items(frame)
    assert found.items == (Item("b", "B"), Item("a", "A")) == items_from_frame(frame)
    assert found.rows == 5
    assert found.problems == (
        RowProblem(2, "item_id", fault_statement(Fault.MISSING)),
        RowProblem(4, "item_id", fault_statement(Fault.MISSING)),
        RowProblem(5, "item_id", fault_statement(Fault.REPEATED_ID, item="b")),
    )


def test_cells_that_cannot_be_read_count_as_empty_and_are_told() -> None:
    frame = pd.DataFrame(
        {
            "item_id": ["a", "b", "c", "a"],
            "level": ["x", "Beginner", "All Levels", "y"],
            "published": ["notadate", "2024-01-01", np.nan, "never"],
            "duration_minutes": ["abc", "-5", "30", "z"],
        }
    )
    found = parse_items(frame)
    assert [(i.item_id, i.level, i.duration_minutes, i.published) for i in found.items] == [
        ("a", None, None, None),
        ("b", "beginner", None, 1704067200.0),
        ("c", None, 30, None),
    ]
    # Of a row that is left out as a whole nothing else is told.
    assert [(p.row, p.column, fault_sentence(p.reason)) for p in found.problems] == [
        (1, "duration_minutes", "is not a positive number: 'abc'"),
        (1, "level", "is not a level: 'x'"),
        (1, "published", "is neither a number nor a date: 'notadate'"),
        (2, "duration_minutes", "is not a positive number: '-5'"),
        (4, "item_id", "stands further up: a"),
    ]


def test_levels_are_read_in_any_form_of_the_letters() -> None:
    frame = pd.DataFrame({"item_id": ["a", "b"], "level": ["Ｂｅｇｉｎｎｅｒ", "İNTERMEDİATE\u200b"]})
    assert [item.level for item in items_from_frame(frame)] == ["beginner", "intermediate"]


def test_numbers_are_those_that_programs_write() -> None:
    cells = ["90", " 12 ", "1e2", "45.4", "1_000", "٣", "1,000.5", "2,5", "-0", "inf", "nan", "0x10"]
    found = parse_items(pd.DataFrame({"item_id": range(len(cells)), "duration_minutes": cells}))
    assert [item.duration_minutes for item in found.items] == [90, 12, 100, 45, *[None] * 8]
    assert [problem.row for problem in found.problems] == list(range(5, 13))


def test_a_table_without_faults_has_no_problems() -> None:
    frame = pd.DataFrame({"item_id": [7, 8], "level": ["hard", None], "duration_minutes": [np.nan, 90.4], "published": [pd.NaT, 5.0]})
    assert parse_items(frame) == CheckedItems((Item("7", level="advanced"), Item("8", duration_minutes=90, published=5.0)), 2)


def test_items_of_any_form_are_checked_items() -> None:
    items = (Item("a"), Item("b"))
    expected = CheckedItems(items, 2)
    assert (
        as_checked_items(pd.DataFrame({"item_id": ["a", "b"]})) == as_checked_items(list(items)) == as_checked_items(expected) == expected
    )
    assert as_checked_items(None) == CheckedItems((), 0)


def test_a_table_without_ids_is_refused() -> None:
    with pytest.raises(DataError, match="item_id"):
        parse_items(pd.DataFrame({"title": ["A"]}))


@pytest.mark.parametrize("cell", ["[" + "-" * 20_000 + "1]", "[" * 5_000 + "]" * 5_000, "(" + "~" * 100_000 + "1)"])
def test_a_list_too_deep_for_a_parser_is_read_as_text(cell: str) -> None:
    assert len(parse_labels(cell)) <= 1
