"""Redirects: addresses that come with a request lead to this site or nowhere."""

import re
from urllib.parse import SplitResult, urlsplit

from flask import Response, current_app, make_response, redirect, request, url_for
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.urls import iri_to_uri

_LONGEST = 8_192  # each card of a page repeats the address it leads back to
_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def own_path(target: str | None) -> str | None:
    """The target when it is a path of this site and no longer than any of ours, else None.

    Browsers read a backslash as a slash, drop control characters and take two slashes for another site: none is let through.
    """
    if not target or len(target) > _LONGEST or not _PATH.fullmatch(target):
        return None
    parts = split_address(target)
    return target if parts.path and not parts.scheme and not parts.netloc else None


def split_address(address: str) -> SplitResult:
    """The parts of an address that came with a request; all are empty where it cannot be taken apart, as `http://[x]`."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")


def next_address_or(fallback: str) -> str:
    """The `next` of the form or the address when it leads to this site, else the fallback."""
    return own_path(request.form.get("next")) or own_path(request.args.get("next")) or fallback


def current_address() -> str:
    """Where the reader is: this page, or for something sent by a form the page it was sent from."""
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return request.full_path.rstrip("?")
    came_from = split_address(request.headers.get("HX-Current-URL") or request.referrer or "")
    if came_from.netloc != request.host:
        return "/"
    return own_path(came_from.path + (f"?{came_from.query}" if came_from.query else "")) or "/"


def reopen_address() -> str:
    """Where a form on this page leads back to: the address of the page, or where that takes forms only, the page that this one was
    answered to; the home page where neither can be opened."""
    here = request.full_path.rstrip("?")
    candidates = (here, request.path, current_address())  # the second where a query is longer than any of ours
    return next((address for address in candidates if own_path(address) and _can_be_opened(address)), "/")


def _can_be_opened(address: str) -> bool:
    """Whether an address is not for forms alone. Where nothing is, a page says so."""
    if request.method == "GET" and request.routing_exception is None:
        return True
    try:
        current_app.create_url_adapter(request).match(split_address(address).path, method="GET")  # type: ignore[union-attr]
    except MethodNotAllowed:
        return False
    except HTTPException:
        return True
    return True


def redirect_to(target: str) -> Response:
    """Send the reader on; htmx would follow a plain redirect inside the fragment, so it is told to change the page."""
    if request.headers.get("HX-Request"):
        response = make_response("", 200)
        response.headers["HX-Redirect"] = iri_to_uri(target)  # as `Location` is: a header holds no other letters
        return response
    return make_response(redirect(target))


def redirect_to_sign_in() -> Response:
    """Ask for a sign-in, then come back."""
    back = current_address()
    return redirect_to(url_for("security.login", next=back) if back != "/" else url_for("security.login"))
