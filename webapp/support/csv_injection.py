"""Text that goes into a CSV file which a spreadsheet may open."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full-width forms


def spreadsheet_safe(text: str) -> str:
    """Text as CSV can hold it and no spreadsheet takes for a formula: all of it may come from strangers."""
    shown = text.rstrip("\r\n").replace("\0", "\\0").encode("utf-8", "backslashreplace").decode("utf-8")
    return f"'{shown}" if shown.lstrip(" ").startswith(_FORMULA) else shown
