"""Addresses of this page with other query words. What a request brings never becomes a keyword of `url_for`, which takes
`_scheme`, `_external` and the like for orders."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from flask import request, url_for

QueryPair = tuple[str, str]


def query_pairs() -> list[QueryPair]:
    """The query words of this request with their values, in their order."""
    return list(request.args.items(multi=True))


def address_with_query(endpoint: str, pairs: Iterable[QueryPair], **view_args: Any) -> str:
    """The address of a screen with these query words, whatever they are called."""
    path = url_for(endpoint, **view_args)
    query = urlencode(list(pairs), quote_via=quote, safe="")
    return f"{path}?{query}" if query else path
