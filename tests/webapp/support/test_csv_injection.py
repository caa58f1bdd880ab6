"""Cells that a spreadsheet does not run."""

import pytest

from webapp.support.csv_injection import spreadsheet_safe


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-2", "@SUM(A1)", "\tx", "  =1", "＝1", "－1", "＠x", "=\u202e1"])
def test_what_reads_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Knots;=HYPERLINK(1)", "Knots;'=HYPERLINK(1)"),
        ("a\t@SUM(A1)", "a\t'@SUM(A1)"),
        ("a;  -1;+1;b", "a;  '-1;'+1;b"),
        ("=1;=2", "'=1;'=2"),
    ],
)
def test_nor_where_a_semicolon_or_tab_begins_a_cell(text: str, safe: str) -> None:
    assert spreadsheet_safe(text) == safe


@pytest.mark.parametrize("text", ["Ada", "Knots; sails", "a; b = c", "a=b", "1-2", "", "'quoted", "Ünï 中国", "3.5"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert spreadsheet_safe(text) == text


def test_what_no_file_can_hold_is_written_out() -> None:
    assert spreadsheet_safe("a\0b\ud800\r\n") == "a\\0b\\ud800"
