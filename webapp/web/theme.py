"""Theme: light, dark or as the device says; in a cookie, so that it works for visitors, and kept with the account."""

from flask import Request, Response

from webapp.services.profiles import THEMES
from webapp.web.cookies import keep_cookie

COOKIE = "theme"
_YEAR = 365 * 24 * 60 * 60


def theme_of(request: Request) -> str:
    """What stands in `<html data-theme>`."""
    theme = request.cookies.get(COOKIE, "auto")
    return theme if theme in THEMES else "auto"


def remember_theme(response: Response, theme: str) -> Response:
    """Keep the theme with the browser for a year."""
    return keep_cookie(response, COOKIE, theme, _YEAR)
