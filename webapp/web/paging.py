"""Pages of a list, by `?page=`."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from webapp.support.numbers import whole_number
from webapp.web.page_addresses import address_with_query, query_pairs

PAGE_SIZE = 24


@dataclass(frozen=True, slots=True)
class Page:
    """Where in a list the reader is. `number` counts from 1 and is moved to the last page when it lies beyond."""

    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def has_prev(self) -> bool:
        """Whether there is a page before."""
        return self.number > 1

    @property
    def has_next(self) -> bool:
        """Whether there is a page after."""
        return self.number < self.pages

    @property
    def offset(self) -> int:
        """How many rows come before."""
        return (self.number - 1) * self.size


def page_of(total: int, size: int = PAGE_SIZE) -> Page:
    """The page this request asks for; nonsense is the first one, too far is the last one."""
    asked = whole_number(request.args.get("page", "")) or 1
    return Page(min(max(1, asked), max(1, -(-total // size))), total, size)


def page_urls() -> Callable[[int], str]:
    """Addresses of the other pages of this list; everything else in the address stays."""
    kept = [(name, value) for name, value in query_pairs() if name != "page"]
    endpoint, view_args = request.endpoint or "home.index", request.view_args or {}

    def url(number: int) -> str:
        return address_with_query(endpoint, kept + ([("page", str(number))] if number > 1 else []), **view_args)

    return url
