"""Addresses of a page with other query words. What a request brings never becomes a keyword of `url_for`, which takes
`_scheme`, `_external` and the like for orders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from webapp.web.redirects import current_address, split_address

QueryPair = tuple[str, str]
# Dozens of links of a page repeat its address. Ours are far below; one made to be long would cost seconds and megabytes.
_MOST_PAIRS, _LONGEST_WORD, _LONGEST_QUERY = 100, 500, 8_000  # the last as it is written in a link


@dataclass(frozen=True, slots=True)
class PageAddress:
    """The address a list stands at: its screen, which answers GET, and the query words it is read with.

    A view names its screen once; where the list is read from (page, sort, search) and its links both come from here. So they are
    right as well in a fragment that answers a POST to another address.
    """

    endpoint: str
    view_args: Mapping[str, Any]
    words: MultiDict[str, str]

    def with_words(self, *more: QueryPair, without: Iterable[str] = ()) -> str:
        """The address with further words at its end, and without some by their names."""
        dropped = set(without)
        kept = [pair for pair in self.words.items(multi=True) if pair[0] not in dropped]
        return endpoint_address_with_query(self.endpoint, [*kept, *more], **self.view_args)


def page_address(endpoint: str, **view_args: Any) -> PageAddress:
    """The address of this screen with the query words of this request; for something sent by a form, with those of the page that it
    was sent from, where that is this screen."""
    if request.method in ("GET", "HEAD"):
        return PageAddress(endpoint, view_args, MultiDict(_bounded(request.args.items(multi=True))))
    came_from = split_address(current_address())
    same = came_from.path == url_for(endpoint, **view_args)
    pairs = parse_qsl(came_from.query, keep_blank_values=True) if same else []
    # As in a query of the request itself (`web/request_guards`), no table can look for NUL.
    return PageAddress(endpoint, view_args, MultiDict(pair for pair in _bounded(pairs) if "\0" not in "".join(pair)))


def _bounded(pairs: Iterable[QueryPair]) -> list[QueryPair]:
    """The first of these query words, each cut where it is longer than any of ours, as far as links can repeat them all."""
    kept: list[QueryPair] = []
    left = _LONGEST_QUERY
    for name, value in islice(pairs, _MOST_PAIRS):
        pair = (name[:_LONGEST_WORD], value[:_LONGEST_WORD])
        left -= len(urlencode([pair], quote_via=quote, safe="")) + 1
        if left >= 0:
            kept.append(pair)
    return kept


def endpoint_address_with_query(endpoint: str, pairs: Iterable[QueryPair], **view_args: Any) -> str:
    """The address of a screen with these query words, whatever they are called."""
    path = url_for(endpoint, **view_args)
    query = urlencode(list(pairs), quote_via=quote, safe="")
    return f"{path}?{query}" if query else path
