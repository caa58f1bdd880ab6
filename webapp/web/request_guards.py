"""Guards of requests: ids and characters that no table can hold, bodies that are no forms, and pages fetched ahead of their reader are
refused before any view."""

from typing import Any

from flask import Flask, Response, abort, request
from werkzeug.routing import IntegerConverter, Map

from webapp.web.endpoint_write_markers import SAFE_METHODS, may_defer_writes

_LARGEST_ID = 2**31 - 1
_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_FORMS = frozenset({"", "application/x-www-form-urlencoded", "multipart/form-data"})


class RowId(IntegerConverter):
    """`<int:…>`: a number no id reaches leads nowhere, instead of failing in the database."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:  # noqa: A002 - Werkzeug's name
        super().__init__(map, *args, **({"max": _LARGEST_ID} | options))


def init_request_guards(app: Flask) -> None:
    """Check addresses and forms before any view reads them."""
    app.url_map.converters["int"] = RowId

    @app.before_request
    def refuse_other_bodies() -> None:
        """Form libraries also read JSON, and files in the place of fields. No view here does: limits and guards, which look at the fields
        of the form, would see nothing of it."""
        if request.method not in SAFE_METHODS and (request.mimetype not in _FORMS or request.files):
            abort(415)

    @app.before_request
    def refuse_nul() -> None:
        """No browser sends the character NUL; PostgreSQL stores none, and would fail somewhere in the middle."""
        sent = (*request.args.items(multi=True), *request.form.items(multi=True))
        if "\0" in request.path or any("\0" in name or "\0" in value for name, value in sent):
            abort(400)

    @app.before_request
    def refuse_pages_fetched_ahead() -> Response | None:
        """Browsers fetch pages they guess will be opened, and often none is. Of a page whose reading is written down (views, slates) that
        would count what nobody saw: after a refusal they ask again when it is opened."""
        if may_defer_writes(app, request.endpoint) and any("prefetch" in request.headers.get(name, "").lower() for name in _AHEAD):
            return Response(status=503, headers={"Cache-Control": "no-store"})
        return None
