"""Error answers for browser, fragment and JSON. They need no database and no signed-in user."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadHost, HTTPException, SecurityError

from webapp.extensions import limiter
from webapp.policies import Forbidden
from webapp.services.errors import Conflict, Invalid, NotFound
from webapp.support.disk_reserve import give_up_reserve
from webapp.support.messages import N_, gettext, ngettext
from webapp.transactions import database_url
from webapp.web.fragments import vary_on_htmx, wants_fragment

log = structlog.get_logger(__name__)

_TEXTS = {
    400: (N_("That request could not be read"), N_("Go back, reload the page and try once more.")),
    401: (N_("Please sign in first"), N_("This page is for people with an account.")),
    403: (N_("This page is not for your account"), N_("If you think it should be, ask an administrator.")),
    404: (
        N_("There is nothing at this address"),
        N_("It may have moved, or the link has a typing mistake. The catalog lists every course."),
    ),
    405: (N_("That cannot be done here"), N_("Go back and use the buttons of the page.")),
    409: (N_("Somebody was faster"), N_("What you changed has changed meanwhile. Reload the page and try once more.")),
    413: (N_("That is too large"), N_("Up to 2 MB can be sent at once.")),
    415: (N_("That cannot be read here"), N_("Go back and use the form of the page.")),
    422: (N_("Something in what you sent does not fit"), N_("Go back and look at the marked fields.")),
    429: (N_("A little too fast"), N_("Wait a minute, then try once more.")),
    500: (N_("Something broke on our side"), N_("It has been written down. Try once more in a moment.")),
    503: (N_("The database does not answer"), N_("Nothing you saved is lost. Try once more in a moment.")),
}


def wants_json() -> bool:
    """Whether the client asked for JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return request.path.startswith("/api/") or best in ("application/json", "application/problem+json")


def error_response(status: int, message: str | None = None) -> Response:
    """The answer for a status: problem+json, a fragment for htmx, or a whole page."""
    title, advice = (gettext(text) for text in _TEXTS.get(status) or _TEXTS[500 if status >= 500 else 400])
    detail = message or advice
    request_id = g.get("request_id", "")
    if wants_json():
        response = jsonify(type="about:blank", title=title, status=status, detail=detail, request_id=request_id)
        response.mimetype = "application/problem+json"
    else:
        template = "errors/_error.html" if wants_fragment() else "errors/error.html"
        response = vary_on_htmx(render_template(template, status=status, title=title, advice=detail, request_id=request_id))
    response.status_code = status
    return response


def _retry_message(error: HTTPException) -> str | None:
    """The sentence that says when the limit that was hit lets go."""
    limit, wait = limiter.current_limit, getattr(error, "retry_after", None)
    seconds = wait if isinstance(wait, int) else limit.reset_at - time.time() if limit else None
    if seconds is None:
        return None
    minutes = max(1, round(seconds / 60))
    words = ngettext("Wait %(num)s minute, then try once more.", "Wait %(num)s minutes, then try once more.", minutes)
    return f"{words} {getattr(error, 'advice', '')}".strip()


def _unavailable_page() -> Response:
    """A page for nobody in particular: to draw it for who is signed in, the account would be read."""
    g._login_user = AnonymousUserMixin()
    return error_response(503)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    answer = error_response(error.code or 500, _retry_message(error) if error.code == 429 else None)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "Location"):
            answer.headers[name] = value
    return answer


def _untrusted_host(_: BadHost | SecurityError) -> Response:
    # Asked by a name that is not ours, or by what can be none: no address can be made, so this is no page.
    return Response("This site does not go by that name.\n", 400, mimetype="text/plain")


def _forbidden(error: Forbidden) -> Response:
    log.warning("forbidden", permission=error.permission)
    return error_response(403)


def _missing(_: NotFound) -> Response:
    return error_response(404)


def _conflict(error: Conflict) -> Response:
    return error_response(409, str(error))


def _changed_meanwhile(_: StaleDataError) -> Response:
    # A row this request was about to change is gone: in another tab the account was deleted, say.
    return error_response(409)


_MADE_OR_REMOVED_MEANWHILE = frozenset(
    {"23503", "23505", "SQLITE_CONSTRAINT_FOREIGNKEY", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}
)
"""Of a foreign key and of a key that is there already: SQLSTATE (PostgreSQL, appendix A) and SQLite's extended result codes."""


def _broken_rule(error: IntegrityError) -> Response:
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    if code not in _MADE_OR_REMOVED_MEANWHILE:
        return _unexpected(error)
    # Services look first; what comes between their look and their write is another request. It is written down, as it may be a fault.
    log.exception("changed_meanwhile")
    return error_response(409)


def _invalid(error: Invalid) -> Response:
    return error_response(422, str(error))


_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
"""A reached quota or limit on the size of files is reported as an error of writing, no room for the index of the log as one of its own."""


def _database_unavailable(error: OperationalError) -> Response:
    log.error("database_unavailable", error=str(error.orig))
    if getattr(error.orig, "sqlite_errorcode", None) in _NO_ROOM and give_up_reserve(database_url()):
        log.warning("disk_reserve_given_up")
        # Browsers send the same again, and htmx with them: there is room for it now.
        return make_response(redirect(request.full_path.rstrip("?"), 307))
    return _unavailable_page()


def _database_damaged(error: DatabaseError) -> Response:
    # Of that very class are the complaints of SQLite about a file that is damaged; broken rules are of classes below it.
    if type(error) is not DatabaseError:
        return _unexpected(error)
    log.error("database_damaged", error=str(error.orig))
    return _unavailable_page()


def _unexpected(_: Exception) -> Response:
    log.exception("unhandled_error")
    return error_response(500)


_HANDLERS: Mapping[type[Exception], Callable[[Any], Response]] = {
    HTTPException: _http,
    SecurityError: _untrusted_host,
    BadHost: _untrusted_host,
    Forbidden: _forbidden,
    NotFound: _missing,
    Conflict: _conflict,
    StaleDataError: _changed_meanwhile,
    Invalid: _invalid,
    OperationalError: _database_unavailable,
    IntegrityError: _broken_rule,
    DatabaseError: _database_damaged,
    Exception: _unexpected,
}


def init_errors(app: Flask) -> None:
    """Register the handlers; Flask asks the one of the nearest class."""
    for kind, handler in _HANDLERS.items():
        app.register_error_handler(kind, handler)
