"""Numbers as people type and read them, with a point or a comma, in the digits of any script."""

import re
import unicodedata
from decimal import Decimal

_LONGEST = 40
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([,.' ])\d{3})(?:\1\d{3})*")
_MARKS = str.maketrans({"\u066b": ".", "\u066c": ",", "\u2212": "-", "\u2019": "'", "\u02bc": "'"})


def parse_number(text: str) -> Decimal:
    """The number a person means: `2.5`, `2,5`, `1,250`, `1.250,5`, `1 250`, `１０`, `٢٫٥`. Raises ValueError for anything else.

    One comma before exactly three digits groups thousands, one point never does. No exponents, and nothing like NaN or infinity.
    Marks of direction, which come along when a number is copied out of Arabic or Hebrew, are no part of it.
    """
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    plain = " ".join(seen.translate(_MARKS).split())
    sign = plain[:1] if plain[:1] in ("+", "-") else ""
    digits = "".join(_ascii_digit(letter) for letter in plain[len(sign) :])
    if len(digits) > _LONGEST:
        raise ValueError("too long for a number")
    return Decimal(sign + _normalize_decimal_mark(digits))


def whole_number(text: str) -> int | None:
    """The number that ASCII digits alone stand for, as in our own addresses; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST else None


def plain_number(number: Decimal) -> str:
    """A number in digits alone, never as `1E+1`, without zeros that say nothing."""
    written = f"{number:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _ascii_digit(letter: str) -> str:
    return letter if letter.isascii() else str(unicodedata.decimal(letter, letter))


def _normalize_decimal_mark(digits: str) -> str:
    """Digits with at most a point among them. Raises ValueError."""
    whole, point, rest = _split(digits)
    if _GROUPED.fullmatch(whole):
        whole = re.sub(r"\D", "", whole)
    if not re.fullmatch(r"[0-9]*", whole + rest) or not whole + rest:
        raise ValueError("not a number")
    return f"{whole or 0}{'.' if point else ''}{rest}"


def _split(digits: str) -> tuple[str, bool, str]:
    """Whole part, whether there is a decimal mark, and what follows it."""
    last = max(digits.rfind("."), digits.rfind(","))
    mark = digits[last : last + 1]
    if last < 0 or digits.count(mark) > 1 or (mark == "," and _GROUPED.fullmatch(digits)):
        return digits, False, ""
    return digits[:last], True, digits[last + 1 :]
