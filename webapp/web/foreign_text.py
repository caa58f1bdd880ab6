"""Foreign text on pages: what people and files bring may be in any language and run in any direction."""

from typing import Any

from markupsafe import Markup, escape

from webapp.support.text import bidi_isolated


def foreign_attributes(language: str | None = "") -> Markup:
    """Attributes of an element that holds nothing but foreign text; an empty `lang` says that its language is not known."""
    return Markup(' dir="auto" lang="{}"').format(language or "")


def foreign(text: Any, language: str | None = "") -> Markup:
    """Foreign text among other words, set apart from them; empty for None and nothing."""
    if not text:
        return Markup("")
    return Markup('<bdi dir="auto" lang="{}">{}</bdi>').format(language or "", escape(text))


def interpolate_foreign_names(message: str, /, **names: Any) -> Markup:
    """A message that comes translated, such as `You have left %(course)s.`, with foreign names set into it, set apart."""
    return escape(message) % {key: foreign(name) for key, name in names.items()}


def bidi_isolated_text(text: Any) -> str:
    """Foreign text where no element can stand: in a title or an attribute."""
    return bidi_isolated(str(text)) if text else ""
