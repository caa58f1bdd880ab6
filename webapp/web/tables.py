"""Data tables: columns declared once, sorted by `?sort=key&dir=asc|desc`, written by templates/_macros/table.html and as CSV."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import Response
from werkzeug.datastructures import MultiDict

from webapp.support.text import is_date_without_time
from webapp.web.csv_files import csv_response
from webapp.web.page_addresses import PageAddress, endpoint_address_with_query

ASCENDING, DESCENDING = "asc", "desc"


class ColumnKind(StrEnum):
    """What a column holds, and so how it is written and set."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"  # a share from 0 to 1
    DATE = "date"
    LINK = "link"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `value` reads its cell from a row (None where there is none), `href` the address of a link, `language` that of its text,
    `tone` the class of a tag, `note` a line below, a day or text.

    `sortable` columns are sorted under their `key`; `descending` says that the first press brings the largest to the top.
    """

    key: str
    label: str
    value: Callable[[Any], Any]
    kind: ColumnKind = ColumnKind.TEXT
    sortable: bool = False
    descending: bool = False
    digits: int = 0
    href: Callable[[Any], str] | None = None
    language: Callable[[Any], str] | None = None
    tone: Callable[[Any], str] | None = None
    note: Callable[[Any], Any] | None = None

    @property
    def is_numeric(self) -> bool:
        """Whether its cells stand at the right, digit below digit."""
        return self.kind in (ColumnKind.NUMBER, ColumnKind.PERCENT)


@dataclass(frozen=True, slots=True)
class Sort:
    """What a table is sorted by."""

    key: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class EmptyState:
    """What stands in the place of a table without rows: what is missing and what helps."""

    heading: str
    text: str
    icon: str = "compass"


@dataclass(frozen=True, slots=True)
class Table:
    """Everything the macro `data_table` writes. `id` is unique on its page, `label` names the table for those who cannot see it,
    `address` is where it stands: sorting links lead there.

    `totals` are values of the last line, by the keys of their columns.
    `csv` is the address of all its rows. `swaps`: sorting links swap the element with this id, which holds table and pager, by htmx;
    without it they are links.
    """

    id: str
    label: str
    columns: Sequence[Column]
    rows: Sequence[Any]
    address: PageAddress
    sort: Sort | None = None
    empty: EmptyState | None = None
    totals: Mapping[str, Any] | None = None
    csv: str | None = None
    swaps: bool = False

    def aria_sort(self, column: Column) -> str | None:
        """`ascending` or `descending` where it is sorted by this column."""
        if self.sort is None or self.sort.key != column.key:
            return None
        return "descending" if self.sort.descending else "ascending"

    def sort_url(self, column: Column) -> str:
        """The address of its page sorted by a column, the other way round when it already is. The rest of the address stays; paging
        begins anew."""
        current = self.aria_sort(column)
        descending = column.descending if current is None else current == "ascending"
        direction = DESCENDING if descending else ASCENDING
        return self.address.with_words(("sort", column.key), ("dir", direction), without=("sort", "dir", "page"))


def asked_sort(columns: Iterable[Column], words: MultiDict[str, str], default: Sort | None = None) -> Sort | None:
    """The sort these query words ask for, if one of the columns can be sorted so; else the default."""
    column = next((each for each in columns if each.sortable and each.key == words.get("sort")), None)
    if column is None:
        return default
    direction = words.get("dir")
    return Sort(column.key, direction == DESCENDING if direction in (ASCENDING, DESCENDING) else column.descending)


def csv_address(endpoint: str, page: PageAddress, **view_args: Any) -> str:
    """The address of the rows as CSV, searched and sorted as on a page."""
    return endpoint_address_with_query(endpoint, [pair for pair in page.words.items(multi=True) if pair[0] != "page"], **view_args)


def table_csv(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> Response:
    """Rows as a download, a line for each and a field for each column. Notes are left out."""
    return csv_response(name, [str(column.label) for column in columns], ([_field(column, row) for column in columns] for row in rows))


def _field(column: Column, row: Any) -> Any:
    """The value of a column; what is known to the day alone is written as that day, as on the page."""
    value = column.value(row)
    return value.date() if column.kind is ColumnKind.DATE and isinstance(value, datetime) and is_date_without_time(value) else value
