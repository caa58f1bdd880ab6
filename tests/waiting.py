"""Waiting for what is meant: a row, a file, an element; never for a stretch of time."""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

PATIENCE = 300.0
"""Seconds until a wait has failed. It costs nothing where all is well, so it is meant for the busiest machine."""

T = TypeVar("T")


def _pause() -> None:
    time.sleep(0.05)


def until(condition: Callable[[], T], what: str, detail: Callable[[], str] = str, pause: Callable[[], None] = _pause) -> T:
    """The condition's first true answer. Fails the test when there is none, saying `what` was waited for and the `detail`."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {PATIENCE:.0f} s for {what}\n{detail()}")
        pause()
    return answer
