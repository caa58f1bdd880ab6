"""Messages for people: marked for extraction, looked up in the language that is spoken now, with their values set in.

The language belongs to a request or to one mail. Where none is set (jobs, commands, tests) messages are English as they stand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from flask_babel.speaklater import LazyString


class MessageCatalog(Protocol):
    """The messages of one language."""

    def gettext(self, message: str) -> str:
        """The message in that language."""

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """The form of the message for that count."""


_spoken: ContextVar[MessageCatalog | None] = ContextVar("spoken", default=None)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """The message as it stands: marks it for extraction. Whoever speaks it looks its translation up."""
    return message


def gettext(message: str, /, **values: Any) -> str:
    """The message in the language spoken now. With values it is a format: `gettext("Taken by %(name)s", name=…)`."""
    catalog = _spoken.get()
    text = message if catalog is None else catalog.gettext(message)
    return text % values if values else text


def plural_form(singular: str, plural: str, count: int, /) -> str:
    """The form of the message for the count, its values not yet set in."""
    catalog = _spoken.get()
    if catalog is None:
        return singular if count == 1 else plural
    return catalog.ngettext(singular, plural, count)


def ngettext(singular: str, plural: str, count: int, /, **values: Any) -> str:
    """The message in the form for the count, which stands in it as `%(num)s` with thousands set apart."""
    return plural_form(singular, plural, count) % {"num": f"{count:,}", **values}


def lazy_gettext(message: str, /, **values: Any) -> Any:
    """A message that is looked up each time it is shown: labels of forms, declared when modules load."""
    return LazyString(gettext, message, **values)


def set_language(catalog: MessageCatalog | None) -> None:
    """Set the language from here on; None is English."""
    _spoken.set(catalog)


@contextmanager
def language_context(catalog: MessageCatalog | None) -> Iterator[None]:
    """One language for a block, such as a mail in the language of its reader."""
    before = _spoken.set(catalog)
    try:
        yield
    finally:
        _spoken.reset(before)
