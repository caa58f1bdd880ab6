"""The signed-in session of a request: read with its account in one statement, started by signing in, ended by signing out.

Flask-Login's cookies, the session's and the one that remembers, carry the token of a row in `sessions` instead of the account's id.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import Flask, current_app, g, request, session
from flask_login import COOKIE_NAME, decode_cookie, user_logged_in, user_logged_out
from flask_security.utils import set_request_attr

from webapp.config import Settings
from webapp.models.user import User
from webapp.queries.sessions import active_session
from webapp.services.sessions import SEEN_EVERY, SessionLimits, end_token, note_use, start_session, token_hash
from webapp.support.client_description import browser_and_system, coarse_network
from webapp.support.clock import now
from webapp.transactions import defer_write
from webapp.web.signed_values import SessionCookie

_OWNER = "owner"


@dataclass(frozen=True, slots=True)
class SignedInSession:
    """The session a request belongs to, in plain values: its row may be gone when they are asked for."""

    id: int
    token: str
    started: datetime
    remembered: bool


def init_sessions(app: Flask) -> None:
    """Tie the table to Flask-Login; after Flask-Security, which would load accounts by a value that never changes."""
    app.session_interface = SessionCookie()
    app.login_manager.user_loader(_account_of)  # type: ignore[attr-defined]
    user_logged_in.connect(_start, app)
    user_logged_out.connect(_end, app)


def signed_in_session() -> SignedInSession | None:
    """The session of this request, None for visitors. It is known once the reader has been asked for."""
    known: SignedInSession | None = g.get("signed_in")
    return known


def last_signed_in_user_id() -> int | None:
    """The account that signed in last in this browser and has not signed out, also when its session has ended since; None where the
    cookie does not say."""
    owner: int | None = session.get(_OWNER)
    return owner


def session_limits() -> SessionLimits:
    """How long sessions last in this installation."""
    settings: Settings = current_app.extensions["settings"]
    return SessionLimits(
        timedelta(minutes=settings.session_idle_minutes), timedelta(days=settings.session_days), timedelta(days=settings.remember_days)
    )


def _account_of(token: Any) -> User | None:
    """Flask-Login's user loader."""
    if not isinstance(token, str):
        return None
    row = active_session(token_hash(token), now())
    if row is None:
        return None
    kept, user = row
    g.signed_in = SignedInSession(kept.id, token, kept.created_at, kept.remembered)
    # What Flask-Security's own loader leaves for its decorators.
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    if abs(now() - kept.last_seen_at) >= SEEN_EVERY:  # by a clock that was ahead it was seen in the future, and its idle end lies too far
        defer_write(partial(note_use, kept.id, kept.remembered, kept.created_at, session_limits()), bookkeeping=True)
    return user


def _start(_app: Flask, user: User, **_more: Any) -> None:
    """A sign-in: a new token for the cookies, and a new secret for forms."""
    remembered = session.get("_remember") == "set"
    browser = browser_and_system(request.user_agent.string)
    session["_user_id"] = start_session(user, session_limits(), remembered, browser, coarse_network(request.remote_addr))
    session[_OWNER] = user.id
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)


def _end(_app: Flask, **_more: Any) -> None:
    """A sign-out: copies of either cookie are worth nothing from now on."""
    session.pop(_OWNER, None)
    left: SignedInSession | None = g.pop("signed_in", None)
    remembered = decode_cookie(request.cookies.get(current_app.config.get("REMEMBER_COOKIE_NAME", COOKIE_NAME), ""))
    for token in {left.token if left else None, remembered} - {None}:
        end_token(str(token))
