"""Numbers as people type and read them."""

from decimal import Decimal

import pytest

from webapp.support.numbers import parse_number, plain_number, whole_number


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2,5", "2.5"),
        ("2.5", "2.5"),
        ("１０", "10"),
        ("２，５", "2.5"),
        ("٢٫٥", "2.5"),
        ("۱۲", "12"),
        (" 7 ", "7"),
        ("−3", "-3"),
        (",5", "0.5"),
        ("1,250", "1250"),
        ("1.250", "1.25"),
        ("0,125", "0.125"),
        ("1.250,5", "1250.5"),
        ("1,250.5", "1250.5"),
        ("1 250,5", "1250.5"),
        ("1\u202f250\u202f000", "1250000"),
        ("1’250", "1250"),
        ("1.000.000", "1000000"),
        ("\u200e-3", "-3"),
        ("\u061c٣\u200f", "3"),
        ("10\u200b", "10"),
    ],
)
def test_what_a_number_means(typed: str, meant: str) -> None:
    assert parse_number(typed) == Decimal(meant)


@pytest.mark.parametrize(
    "typed",
    ["", "-", "NaN", "sNaN", "-inf", "Infinity", "1e5", "1E+1", "1_000", "0x10", "1,2,3", "1,25,000", "1..2", "½", "many", "9" * 5000],
)
def test_what_is_no_number(typed: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_number(typed)


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("", None), ("-1", None), ("1_0", None), ("٣", None), (" 2 ", None), ("²", None), ("9" * 5000, None)],
)
def test_a_whole_number_of_an_address_is_ascii_digits_alone(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("number", "shown"), [("1E+1", "10"), ("2.50", "2.5"), ("100", "100"), ("0", "0"), ("0.00", "0"), ("1E-2", "0.01"), ("-1.0", "-1")]
)
def test_a_number_is_shown_in_digits_alone(number: str, shown: str) -> None:
    assert plain_number(Decimal(number)) == shown
