"""Security headers: a strict content policy without inline code, and the rest of the set."""

from flask import Flask, Response, request
from flask_talisman import Talisman

from webapp.config import Settings
from webapp.web.sessions import signed_in_session

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def init_headers(app: Flask, settings: Settings) -> None:
    """Send security headers with every answer; HSTS and the redirect to HTTPS only where cookies are secure."""
    Talisman(
        app,
        content_security_policy=CONTENT_SECURITY_POLICY,
        force_https=settings.secure_cookies,
        strict_transport_security=settings.secure_cookies,
        session_cookie_secure=settings.secure_cookies,
        frame_options="DENY",
        referrer_policy="strict-origin-when-cross-origin",
        permissions_policy={"camera": "()", "microphone": "()", "geolocation": "()", "browsing-topics": "()"},
    )

    @app.after_request
    def private_by_default(response: Response) -> Response:
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.endpoint != "static" or response.status_code >= 400 or "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = private_cache_control_value(response)
        return response


def private_cache_control_value(response: Response) -> str:
    """`Cache-Control` of an answer that is no static file: whatever sent it, no cache between here and the reader keeps it.

    Downloads, pages behind a link with a token and pages of people who are signed in are kept by nobody at all: a browser that may keep
    a page shows it once more to whoever goes back after the sign-out.
    """
    asked = response.cache_control
    secret = "token" in (request.view_args or {}) or response.headers.get("Content-Disposition", "").startswith("attachment")
    if asked.no_store or secret or signed_in_session():
        return "private, no-store"
    return "private, no-cache"
