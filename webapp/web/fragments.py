"""Answers for htmx: the part of a page that changes, without the page around it."""

from typing import Any

from flask import Response, current_app, get_flashed_messages, make_response, render_template, request, session


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page. When the reader comes back through history it needs the whole."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


def fragment(template: str, /, **context: Any) -> Response:
    """A partial as the answer; caches keep it apart from the page at the same address."""
    return vary_on_htmx(render_template(template, **context) + _toasts())


def page_or_fragment(page: str, block: str, /, **context: Any) -> Response:
    """The page, or one block of its template for htmx, with the same context; `fragment` tells the template which.

    Jinja renders a block without what stands above it: the block imports its macros itself.
    """
    if not wants_fragment():
        return vary_on_htmx(render_template(page, fragment=False, **context))
    template, values = current_app.jinja_env.get_template(page), {"fragment": True, **context}
    current_app.update_template_context(values)
    return vary_on_htmx("".join(template.blocks[block](template.new_context(values))) + _toasts())


def vary_on_htmx(body: str) -> Response:
    """An answer that depends on whether htmx asked."""
    response = make_response(body)
    response.vary.add("HX-Request")
    return response


def _toasts() -> str:
    """What waits to be flashed: on the next page it would come too late. Nothing of the session is touched where nothing waits."""
    messages = get_flashed_messages(with_categories=True) if "_flashes" in session else []
    return render_template("_partials/toasts.html", messages=messages) if messages else ""
