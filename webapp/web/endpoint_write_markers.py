"""Which addresses write: every POST, and the few GETs that are marked."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])


def writes(view: View) -> View:
    """Marks a view whose GET may write after it has read: what was shown or looked at, through `defer_write`. All others run
    read-only."""
    view.writes_on_get = True  # type: ignore[attr-defined]
    return view


def allow_asynchronous_commit(view: View) -> View:
    """Marks a view whose POST tells nobody that anything is stored: it commits without waiting for the disk, and a power cut may cost
    what it wrote last."""
    view.unacknowledged = True  # type: ignore[attr-defined]
    return view


def has_durable_writes(app: Flask, endpoint: str | None) -> bool:
    """Whether what a request to this endpoint writes has to survive a power cut."""
    return not getattr(app.view_functions.get(endpoint or ""), "unacknowledged", False)


def endpoint_may_defer_writes(app: Flask, endpoint: str | None) -> bool:
    """Whether a GET of this endpoint may write at its end."""
    return bool(getattr(app.view_functions.get(endpoint or ""), "writes_on_get", False))
