"""Guards of requests: ids and characters that no table can hold, bodies that are no forms, and pages fetched ahead of their reader are
refused before any view."""

import re
from typing import Any

from flask import Flask, Response, abort, request
from werkzeug.routing import IntegerConverter, Map

from webapp.web.endpoint_write_markers import SAFE_METHODS, endpoint_may_defer_writes

_LARGEST_ID = 2**31 - 1
_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_MOST_FIELDS = 10_000  # several times what the largest of our forms has: one field for each topic there is
_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")  # browsers write `%25`
_FORM = "application/x-www-form-urlencoded"
_FORMS = frozenset({"", _FORM, "multipart/form-data"})


class RowId(IntegerConverter):
    """`<int:…>`: a number no id reaches leads nowhere, instead of failing in the database."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:  # noqa: A002 - Werkzeug's name
        super().__init__(map, *args, **({"max": _LARGEST_ID} | options))


def init_request_guards(app: Flask) -> None:
    """Check addresses and forms before any view reads them."""
    app.url_map.converters["int"] = RowId

    @app.before_request
    def refuse_costly_forms() -> None:
        """Answer 400 to a form of more fields than anybody fills in, or with percent signs that encode nothing, before it is taken apart:
        two megabytes hold a million of them, which take seconds. In parts (multipart) Werkzeug counts the fields itself."""
        if request.mimetype != _FORM:
            return
        body = request.get_data()
        if body.count(b"&") >= _MOST_FIELDS or _STRAY_PERCENT.search(body):
            abort(400)

    @app.before_request
    def refuse_other_bodies() -> None:
        """Answer 415 to bodies that are no forms, and to files. Form libraries would read JSON and files in the place of fields; no view
        here does, and limits and guards, which look at the fields of the form, would see nothing of it."""
        if request.method not in SAFE_METHODS and (request.mimetype not in _FORMS or request.files):
            abort(415)

    @app.before_request
    def refuse_nul() -> None:
        """Answer 400 to the character NUL, which no browser sends and PostgreSQL cannot store."""
        sent = (*request.args.items(multi=True), *request.form.items(multi=True))
        if "\0" in request.path or any("\0" in name or "\0" in value for name, value in sent):
            abort(400)

    @app.before_request
    def refuse_pages_fetched_ahead() -> Response | None:
        """Answer 503 to a prefetch of a page whose reading is written down (views, slates): most are never opened, and what nobody saw
        would count. Browsers ask again when the page is opened."""
        if endpoint_may_defer_writes(app, request.endpoint) and any("prefetch" in request.headers.get(name, "").lower() for name in _AHEAD):
            return Response(status=503, headers={"Cache-Control": "no-store"})
        return None
