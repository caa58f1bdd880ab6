"""Answers for htmx: the same partial that the page includes, without the page around it."""

from typing import Any

from flask import Response, make_response, render_template, request


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page. When the reader comes back through history it needs the whole."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


def fragment(template: str, /, **context: Any) -> Response:
    """A partial as the answer; caches keep it apart from the page at the same address."""
    return vary_on_htmx(render_template(template, **context))


def page_or_fragment(page: str, partial: str, /, **context: Any) -> Response:
    """The page, or its partial for htmx, with the same context; `fragment` tells the template which."""
    asked = wants_fragment()
    return vary_on_htmx(render_template(partial if asked else page, fragment=asked, **context))


def vary_on_htmx(body: str) -> Response:
    """An answer that depends on whether htmx asked."""
    response = make_response(body)
    response.vary.add("HX-Request")
    return response
