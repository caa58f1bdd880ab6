"""A sample table for the style page, with its own sorting: the page sorts it as `?sort=` says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from webapp.web.page_addresses import page_address
from webapp.web.tables import Column, ColumnKind, EmptyState, Sort, Table, asked_sort


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A course with some figures."""

    title: str
    note: str
    enrolled: int
    completion: float | None
    since: date | None


_ROWS = (
    SampleRow("Documentation as a product", "Advanced", 13, 0.214, date(2026, 10, 31)),
    SampleRow("A line through the cloud", "Intermediate", 1, 0.353, date(2026, 8, 4)),
    SampleRow("Neural networks by hand", "Intermediate", 1109, 0.54, date(2026, 4, 28)),
    SampleRow("Window functions that keep every row", "Draft", 0, None, None),
)
_COLUMNS = (
    Column("title", "Course", lambda row: row.title, ColumnKind.LINK, sortable=True, href=lambda _: "#tables", note=lambda row: row.note),
    Column("enrolled", "Enrolled", lambda row: row.enrolled, ColumnKind.NUMBER, sortable=True, descending=True),
    Column("completion", "Finished", lambda row: row.completion, ColumnKind.PERCENT, sortable=True, descending=True),
    Column("since", "Published", lambda row: row.since, ColumnKind.DATE),
)


def sample_table(tone: str, rows: Sequence[SampleRow] = _ROWS) -> Table:
    """The table in one theme."""
    here = page_address("system.styleguide")
    sort = asked_sort(_COLUMNS, here.words, Sort("title"))
    assert sort is not None
    value = next(column.value for column in _COLUMNS if column.key == sort.key)
    known = sorted((row for row in rows if value(row) is not None), key=value, reverse=sort.descending)
    unknown = [row for row in rows if value(row) is None]
    empty = EmptyState("No courses yet", "The first one stands here as soon as it is saved.", "book-open")
    return Table(f"sample-{tone}-{len(rows)}", f"Courses, {tone}", _COLUMNS, [*known, *unknown], here, sort, empty, csv="#tables")
