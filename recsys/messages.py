"""Messages for people: marked for extraction, and said in English or in the language of whoever reads."""

from collections.abc import Callable
from typing import Any

Say = Callable[..., str]
"""`say(message, **values)`: the message, a %-format where there are values. Messages are literals, so that they can be extracted."""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """The message as it stands: marks it for extraction. Whoever says it looks its translation up."""
    return message


def format_message(message: str, /, **values: Any) -> str:
    """The message in English, its values set in."""
    return message % values if values else message
