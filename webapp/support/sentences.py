"""Sentences as data: parts in reading order, so that pages can set some of them in bold or link them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SentencePart:
    """A piece of a sentence; its spaces are its own."""

    text: str
    strong: bool = False
    href: str | None = None


Sentence = tuple[SentencePart, ...]
