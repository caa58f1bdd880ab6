"""Signed values that a browser carries, with the moment at which they were signed. One that is too old counts for nothing; one from the
future does count: a clock was set back, or another machine's is ahead."""

from typing import Any

from flask import Flask, Request, current_app
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from webapp.support.clock import now


class SessionCookie(SecureCookieSessionInterface):
    """Flask's session cookie, whose own age means nothing: sessions of people who are signed in end in their table, those of visitors
    with their browser."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie holds; nothing where it is not ours."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        try:
            return self.session_class(serializer.loads(request.cookies.get(self.get_cookie_name(app), "")))
        except BadSignature:
            return self.session_class()


def signed(value: Any, purpose: str) -> str:
    """The value (JSON) as text that only this site can have made, for one purpose."""
    text: str = _serializer(purpose).dumps(value)
    return text


def signed_value(text: str, purpose: str, max_age: int) -> Any:
    """What was signed for this purpose. Raises BadSignature where that was not here, or more than `max_age` seconds ago."""
    value, moment = _serializer(purpose).loads(text, return_timestamp=True)
    if (now() - moment).total_seconds() > max_age:
        raise SignatureExpired("expired", payload=value, date_signed=moment)
    return value


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=purpose)
