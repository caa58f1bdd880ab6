"""How long runs say where they are."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Hears the share done, 0 to 1, and what is done now."""


def no_progress(_share: float, _message: str) -> None:
    """Progress for callers that want none."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a step that takes the run from `start` to `end`."""
    return lambda share, message: progress(start + (end - start) * share, message)
