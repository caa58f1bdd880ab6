"""Pages of a list, by `?page=`."""

from collections.abc import Callable
from dataclasses import dataclass

from webapp.support.numbers import whole_number
from webapp.web.page_addresses import PageAddress

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


def requested_pagination(total: int, address: PageAddress, size: int = PAGE_SIZE) -> Page:
    """The page this address asks for; nonsense is the first one, too far is the last one."""
    asked = whole_number(address.words.get("page", "")) or 1
    return Page(min(max(1, asked), max(1, -(-total // size))), total, size)


def page_url_builder(address: PageAddress) -> Callable[[int], str]:
    """Addresses of the other pages of a list; everything else in its address stays."""

    def url(number: int) -> str:
        return address.with_words(*([("page", str(number))] if number > 1 else []), without=("page",))

    return url
