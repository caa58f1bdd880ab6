"""Slugs: readable addresses made from names. A slug is no identity: of two names that read alike the second gets a number."""

import re
import unicodedata
from collections.abc import Iterable

# What a name loses on its way into an address and is told apart by.
_SPELLED_OUT = (
    (re.compile(r"(?<=\w)\+\+"), "-plus-plus"),
    (re.compile(r"(?<=\w)\+(?!\w)"), "-plus"),
    (re.compile(r"(?<=\w)#(?!\w)"), "-sharp"),
    (re.compile(r"(?<!\S)\.(?=\w)"), "dot-"),
)


def slug_of(name: str, longest: int, otherwise: str) -> str:
    """The name as a part of an address: `C++` is `c-plus-plus`, `🚀` is `rocket`. Never empty: `otherwise` where nothing is left."""
    # Loaded late: its table of letters takes 4 MB, and pages make no slugs.
    from slugify import slugify  # noqa: PLC0415

    plain = name
    for mark, words in _SPELLED_OUT:
        plain = mark.sub(words, plain)
    return (
        slugify(plain, max_length=longest, word_boundary=True)
        or slugify(_symbol_names(name), max_length=longest, word_boundary=True)
        or otherwise
    )


class UniqueSlugs:
    """Gives slugs that nobody has; `taken` are those somebody has already."""

    def __init__(self, taken: Iterable[str], longest: int, otherwise: str) -> None:
        self._taken, self._longest, self._otherwise = set(taken), longest, otherwise
        self._last: dict[str, int] = {}

    def make(self, name: str, otherwise: str | None = None) -> str:
        """A new slug for a name; it is taken from now on."""
        stem = slug_of(name, self._longest, otherwise or self._otherwise)
        slug, number = stem, self._last.get(stem, 1)
        while slug in self._taken:
            number += 1
            suffix = f"-{number}"
            slug = stem[: self._longest - len(suffix)].rstrip("-") + suffix
        self._last[stem] = number
        self._taken.add(slug)
        return slug

    def mark_taken(self, slugs: Iterable[str]) -> None:
        """Note slugs that somebody else has taken meanwhile."""
        self._taken.update(slugs)


def _symbol_names(name: str) -> str:
    """The Unicode names of its symbols, for names without a letter."""
    return " ".join(unicodedata.name(letter, "") for letter in name[:8] if unicodedata.category(letter)[0] in "SP")
