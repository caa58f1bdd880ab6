"""Structured logs: one line an event, with the request's id; secrets and personal data stay out."""

import logging
import re
import sys
import uuid
from contextlib import suppress
from typing import Any, TextIO

import structlog
from flask import Flask, Response, current_app, g, request
from structlog.typing import EventDict, Processor

from webapp.config import Settings

_SECRETS = frozenset({"token", "code", "secret"})
# Words of an address as sites have them (`courses`, `wp-login.php`, `page2`, `17`). Of a token, which is of letters in both cases and
# digits, hardly a piece worth having looks like one.
_PLAIN_WORD = re.compile(r"\.?(?:[a-z]{1,24}\d{0,3}|\d{1,9})(?:[-_.](?:[a-z]{1,24}\d{0,3}|\d{1,9}))*")
_LONGEST_WORD = 64


class _Unfailing:
    """A stream whose lines are lost when the disk is full: a page that cannot be logged is served all the same."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def configure_logging(settings: Settings) -> None:
    """Readable lines in development, JSON where WAYMARK_LOG_JSON is on; both to standard error."""
    for_people: list[Processor] = [_escape_unprintable, structlog.dev.ConsoleRenderer(colors=False)]
    rendering: list[Processor] = [structlog.processors.JSONRenderer()] if settings.log_json else for_people
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level)),
        logger_factory=structlog.WriteLoggerFactory(file=_Unfailing(sys.stderr)),  # type: ignore[arg-type]
        cache_logger_on_first_use=settings.environment != "test",
    )


def _escape_unprintable(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """Write what cannot be seen as `\\x1b`: whoever reads a log in a terminal runs the sequences that addresses bring along."""
    return {name: _printable(value) if isinstance(value, str) else value for name, value in line.items()}


def _printable(text: str) -> str:
    """The text as it is, ends of lines included, where all of it can be seen."""
    return "".join(letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in text)


def logged_path() -> str:
    """The path without what opens an account: variables named `token`; at an address of no page whatever may be a part of one."""
    rule = request.url_rule
    if rule is None:
        return _path_of_no_page()
    path = request.path
    for name in _SECRETS & rule.arguments:
        path = path.replace(str((request.view_args or {}).get(name, "")), "…")
    return path


def _path_of_no_page() -> str:
    """Plain words of the path, up to where a page with a token has it: a link that was cut, wrapped or put under another path may still
    hold most of its token."""
    openings = {
        word for rule in current_app.url_map.iter_rules() if _SECRETS & rule.arguments for word in _words_before_variable(rule.rule)
    }
    parts = request.path.split("/")
    shown: list[str] = []
    for part in parts:
        shown.append(part if not part or (len(part) <= _LONGEST_WORD and _PLAIN_WORD.fullmatch(part)) else "…")
        if part.casefold() in openings:
            break
    return "/".join([*shown, "…"] if len(shown) < len(parts) else shown)


def _words_before_variable(rule: str) -> list[str]:
    return rule.partition("<")[0].strip("/").casefold().split("/")[-1:]


def init_request_id(app: Flask) -> None:
    """Give each request an id (a well-formed X-Request-ID is kept), answer with it, log with it."""

    @app.before_request
    def start() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if 8 <= len(given) <= 64 and given.replace("-", "").isalnum() else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id, method=request.method, path=logged_path())

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        if request.endpoint != "static":
            structlog.get_logger("request").info("request", status=response.status_code, bytes=response.calculate_content_length())
        return response
