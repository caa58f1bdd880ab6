"""Answers for htmx: the same partial that the page includes, without the page around it."""

from typing import Any

from flask import Response, get_flashed_messages, make_response, render_template, request, session


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page. When the reader comes back through history it needs the whole."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


def fragment(template: str, /, **context: Any) -> Response:
    """A partial as the answer; caches keep it apart from the page at the same address."""
    return vary_on_htmx(render_template(template, **context) + _toasts())


def page_or_fragment(page: str, partial: str, /, **context: Any) -> Response:
    """The page, or its partial for htmx, with the same context; `fragment` tells the template which."""
    if wants_fragment():
        return fragment(partial, fragment=True, **context)
    return vary_on_htmx(render_template(page, fragment=False, **context))


def vary_on_htmx(body: str) -> Response:
    """An answer that depends on whether htmx asked."""
    response = make_response(body)
    response.vary.add("HX-Request")
    return response


def _toasts() -> str:
    """What waits to be flashed: on the next page it would come too late. Nothing of the session is touched where nothing waits."""
    messages = get_flashed_messages(with_categories=True) if "_flashes" in session else []
    return render_template("_partials/toasts.html", messages=messages) if messages else ""
