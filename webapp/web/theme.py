"""Theme: light, dark or as the device says; in a cookie, so that it works for visitors, and kept with the account."""

from flask import Request, Response, current_app

from webapp.services.profiles import THEMES

COOKIE = "theme"
_YEAR = 365 * 24 * 60 * 60


def theme_of(request: Request) -> str:
    """What stands in `<html data-theme>`."""
    theme = request.cookies.get(COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def remember_theme(response: Response, theme: str) -> Response:
    """Keep the theme with the browser for a year."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(COOKIE, theme, max_age=_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response
