"""The studio's table of courses: its columns, and what all courses come to together."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from webapp.models.course import CourseStatus
from webapp.queries.studio import StudioRow, StudioTotals, studio_rows
from webapp.support.messages import N_, gettext, lazy_gettext, ngettext
from webapp.web.page_addresses import PageAddress
from webapp.web.paging import Page
from webapp.web.tables import Column, ColumnKind, Sort, Table, asked_sort, csv_address

_STATUS: Mapping[CourseStatus, str] = {
    CourseStatus.DRAFT: N_("Draft"),
    CourseStatus.PUBLISHED: N_("Published"),
    CourseStatus.ARCHIVED: N_("Taken back"),
}
NEWEST = Sort("newest", descending=True)


def _status(row: StudioRow) -> str:
    return gettext(_STATUS[row.status])


def _number_column(key: str, label: Any, sortable: bool = False) -> Column:
    return Column(key, label, lambda row: getattr(row.counts, key), ColumnKind.NUMBER, sortable=sortable, descending=True)


_TITLE = Column(
    "title",
    lazy_gettext("Course"),
    lambda row: row.title,
    ColumnKind.LINK,
    sortable=True,
    href=lambda row: url_for("course.show", slug=row.slug),
    language=lambda row: row.language,
)
_COUNTS = (
    _number_column("enrolled", lazy_gettext("Enrolled"), sortable=True),
    _number_column("active", lazy_gettext("Active now")),
    _number_column("finished", lazy_gettext("Finished"), sortable=True),
    Column("completion", lazy_gettext("Completion"), lambda row: row.counts.completion, ColumnKind.PERCENT, sortable=True, descending=True),
    _number_column("views", lazy_gettext("Views, 28 days")),
    _number_column("saves", lazy_gettext("Saved")),
)
COLUMNS = (
    _TITLE,
    Column(
        "newest",
        lazy_gettext("Published"),
        _status,
        ColumnKind.TAG,
        sortable=True,
        descending=True,
        tone=lambda row: "on" if row.status == CourseStatus.PUBLISHED else "warn",
        note=lambda row: row.published_on,
    ),
    *_COUNTS,
)
CSV_COLUMNS = (
    _TITLE,
    Column("status", lazy_gettext("State"), _status),
    Column("published", lazy_gettext("Published"), lambda row: row.published_on, ColumnKind.DATE),
    *_COUNTS,
)


def rows_as_asked(creator_id: int | None, address: PageAddress, page: Page | None = None) -> list[StudioRow]:
    """The courses in the order this address asks for: one page of them, or all."""
    sort = asked_sort(COLUMNS, address.words, NEWEST) or NEWEST
    if page is None:
        return studio_rows(creator_id, sort.key, sort.descending)
    return studio_rows(creator_id, sort.key, sort.descending, page.size, page.offset)


def courses_table(creator_id: int | None, totals: StudioTotals, page: Page, address: PageAddress) -> Table:
    """One page of courses and the totals of all."""
    together = ngettext("%(num)s course together", "%(num)s courses together", totals.courses)
    counts = {column.key: getattr(totals.counts, column.key) for column in _COUNTS}
    return Table(
        "courses",
        gettext("Table of courses"),
        COLUMNS,
        rows_as_asked(creator_id, address, page),
        address,
        asked_sort(COLUMNS, address.words, NEWEST),
        totals={_TITLE.key: together} | counts,
        csv=csv_address("studio.courses_csv", address),
        swaps=True,
    )
