"""Sentences as data: parts in reading order, so that pages can set some of them in bold or link them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from webapp.support.messages import gettext

_VALUE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class SentencePart:
    """A piece of a sentence; its spaces are its own. `foreign` is what people or files have named, as links and bold names are."""

    text: str
    strong: bool = False
    href: str | None = None
    foreign: bool = False


Sentence = tuple[SentencePart, ...]


def fill_message(message: str, /, **values: str | SentencePart | Sentence) -> Sentence:
    """A message with its values set in, such as `Because %(you_did)s %(course)s`: texts join what is around them, parts stay parts.

    The message comes translated; its values stand where its language wants them.
    """
    parts: list[SentencePart] = []
    text = ""
    for number, piece in enumerate(_pieces(message)):
        value = values[piece] if number % 2 else piece
        if isinstance(value, str):
            text += value
            continue
        parts += (SentencePart(text),) if text else ()
        parts += (value,) if isinstance(value, SentencePart) else value
        text = ""
    return (*parts, SentencePart(text)) if text else tuple(parts)


def joined(words: Sequence[str]) -> str:
    """`reading`, `reading and writing`, `reading, writing and counting`; empty where there are none."""
    if len(words) < 2:
        return "".join(words)
    return gettext("%(first)s and %(last)s", first=", ".join(words[:-1]), last=words[-1])


def listed(names: Sequence[str]) -> Sentence:
    """Foreign names as `joined` would join them, each a part of its own."""
    parts = [SentencePart(name, foreign=True) for name in names]
    if len(parts) < 2:
        return tuple(parts)
    first = [piece for part in parts[:-1] for piece in (SentencePart(", "), part)]
    return fill_message(gettext("%(first)s and %(last)s"), first=tuple(first[1:]), last=parts[-1])


@lru_cache(maxsize=1024)
def _pieces(message: str) -> tuple[str, ...]:
    return tuple(_VALUE.split(message))
