"""Text that goes into a CSV file which a spreadsheet may open."""

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full-width forms
_FORMULA_AFTER_SEPARATOR = re.compile(r"([;\t] *)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where lists are separated by semicolons a spreadsheet begins a new cell there, whatever quotes stand around it."""


def spreadsheet_safe(text: str) -> str:
    """Text as CSV can hold it and no spreadsheet takes for a formula: all of it may come from strangers."""
    shown = text.rstrip("\r\n").replace("\0", "\\0").encode("utf-8", "backslashreplace").decode("utf-8")
    shown = _FORMULA_AFTER_SEPARATOR.sub(r"\1'", shown)
    return f"'{shown}" if shown.lstrip(" ").startswith(_FORMULA) else shown
