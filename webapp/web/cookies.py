"""Cookies beside the session: for this site alone, out of reach of scripts, encrypted on the way where the site is."""

from flask import Response, current_app


def keep_cookie(response: Response, name: str, value: str, max_age: int | None = None) -> Response:
    """Have the browser keep a value for so many seconds, or until it is closed."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(name, value, max_age=max_age, secure=secure, httponly=True, samesite="Lax")
    return response
