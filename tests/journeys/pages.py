"""Waiting for what a page does that no locator can tell."""

from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import Page

from tests.waiting import until

T = TypeVar("T")


def eventually(page: Page, condition: Callable[[], T], what: str) -> T:
    """The condition's first true answer; the page goes on meanwhile."""
    return until(condition, what, pause=lambda: page.wait_for_timeout(50))


def step_back(page: Page) -> None:
    """One step back in the history, which begins after this call has its answer: the answer of a script that steps back itself can be
    lost on the way, and nothing bounds the wait for it."""
    page.evaluate("void setTimeout(() => history.back(), 0)")


def show(page: Page) -> None:
    """Let the page draw what it has been told: two frames, since the first may have begun before."""
    page.evaluate("new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))")
