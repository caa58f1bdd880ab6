"""Data tables: which sort is asked for, addresses of other sorts, and the markup."""

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from webapp.support.messages import language_context, lazy_gettext
from webapp.support.pseudo_locale import PseudoCatalog
from webapp.web.page_addresses import PageAddress, page_address
from webapp.web.tables import Column, ColumnKind, EmptyState, Sort, Table, asked_sort, csv_address, table_csv

COLUMNS = (
    Column("name", "Name", lambda row: row.name, sortable=True, note=lambda row: row.note),
    Column("count", "Count", lambda row: row.count, ColumnKind.NUMBER, sortable=True, descending=True),
    Column("share", "Share", lambda row: row.share, ColumnKind.PERCENT),
    Column("day", "Day", lambda row: row.day, ColumnKind.DATE),
    Column("page", "Page", lambda row: row.name, ColumnKind.LINK, href=lambda row: "/x?a=1&b=2"),
)
ROW = SimpleNamespace(name="<b>Ada</b>", note="ada@example.com", count=1234, share=0.256, day=date(2026, 11, 30))
HERE = PageAddress("catalog.index", {}, MultiDict())
NOTHING = SimpleNamespace(name="Nobody", note=None, count=None, share=None, day=None)


def table(rows: Any = (ROW,), sort: Sort | None = None, address: PageAddress | None = None, **more: Any) -> Table:
    return Table("people", "People", COLUMNS, rows, address or HERE, sort, **more)


def drawn(app: Flask, shown: Table, path: str = "/catalog", call: str = "") -> str:
    source = "{% from '_macros/table.html' import data_table %}" + (
        "{% call(row) data_table(t) %}" + call + "{% endcall %}" if call else "{{ data_table(t) }}"
    )
    with app.test_request_context(path):
        return app.jinja_env.from_string(source).render(t=shown)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", None),
        ("sort=name", Sort("name", False)),
        ("sort=count", Sort("count", True)),
        ("sort=count&dir=asc", Sort("count", False)),
        ("sort=name&dir=desc", Sort("name", True)),
        ("sort=name&dir=DROP TABLE", Sort("name", False)),
        ("sort=share", None),
        ("sort=password", None),
        ("sort=", None),
        ("dir=desc", None),
        ("sort=nonsense&sort=name", None),
    ],
)
def test_only_declared_columns_are_sorted_by(app: Flask, query: str, expected: Sort | None) -> None:
    with app.test_request_context(f"/catalog?{query}"):
        words = page_address("catalog.index").words
    assert asked_sort(COLUMNS, words) == expected
    assert asked_sort(COLUMNS, words, Sort("day")) == (expected or Sort("day"))


def test_a_link_keeps_the_rest_of_the_address_and_begins_at_the_first_page(app: Flask) -> None:
    with app.test_request_context("/catalog?q=a%26b&page=3&_scheme=evil&tag=x&tag=y&sort=name&dir=asc"):
        here = page_address("catalog.index")
        url = table(sort=Sort("name"), address=here).sort_url(COLUMNS[1])
        assert url == "/catalog?q=a%26b&_scheme=evil&tag=x&tag=y&sort=count&dir=desc"
        assert csv_address("home.index", here) == "/?q=a%26b&_scheme=evil&tag=x&tag=y&sort=name&dir=asc"


def test_a_second_press_turns_the_order_round(app: Flask) -> None:
    with app.test_request_context("/catalog"):
        for column, first, second in ((COLUMNS[0], "asc", "desc"), (COLUMNS[1], "desc", "asc")):
            assert table().sort_url(column).endswith(f"dir={first}")
            assert table(sort=Sort(column.key, first == "desc")).sort_url(column).endswith(f"dir={second}")


def test_the_sorted_column_says_so(app: Flask) -> None:
    html = drawn(app, table(sort=Sort("count", True)))
    assert re.findall(r'aria-sort="(\w+)"', html) == ["descending"]
    assert html.count("<a id=") == 2
    assert "hx-get" not in html
    assert html.count('hx-target="#people"') == 0
    assert drawn(app, table(swaps=True)).count('hx-target="#people"') == 2


def test_cells_are_written_by_their_kind(app: Flask) -> None:
    html = drawn(app, table([ROW, NOTHING]))
    assert "<b>Ada" not in html
    for part in ("&lt;b&gt;Ada", "ada@example.com", '<td class="num">1,234</td>', "26 %", "Nov 30, 2026", 'href="/x?a=1&amp;b=2"'):
        assert part in html
    assert html.count("–") == 3
    assert html.count('<th scope="row">') == 2


def test_head_and_cells_of_numbers_stand_at_the_same_side_in_the_first_column_too(app: Flask) -> None:
    numbers_first = Table("counts", "Counts", (COLUMNS[1], COLUMNS[3], COLUMNS[2]), [ROW], HERE)
    html = drawn(app, numbers_first)
    sides = [
        ["num" in classes for classes in re.findall(r"<t[hd]([^>]*)>", part)] for part in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    ]
    assert sides == [[True, False, True]] * 2


def test_the_region_can_be_reached_and_the_last_cell_is_the_callers(app: Flask) -> None:
    html = drawn(app, table(csv="/people.csv?q=1&b=2"), call="<button>{{ row.note }}</button>")
    assert 'tabindex="0" role="region" aria-label="People"' in html
    assert "<button>ada@example.com</button>" in html
    assert 'href="/people.csv?q=1&amp;b=2" download' in html


def test_without_rows_it_says_what_helps(app: Flask) -> None:
    html = drawn(app, table([], empty=EmptyState("Nobody yet", "They stand here later.")))
    assert "Nobody yet" in html
    assert "<table" not in html
    assert "<table" not in drawn(app, table([]))


def test_what_is_known_to_the_day_alone_is_a_day_in_a_file_too(app: Flask) -> None:
    rows = [SimpleNamespace(day=at) for at in (datetime(2026, 3, 14, tzinfo=UTC), datetime(2026, 3, 14, 0, 0, 1, tzinfo=UTC), None)]
    columns = (Column("day", "Day", lambda row: row.day, ColumnKind.DATE),)
    assert table_csv("days", columns, rows).get_data().split()[1:] == [b"2026-03-14", b"2026-03-14T00:00:01Z", b'""']


def test_labels_are_said_in_the_language_of_the_reader(app: Flask) -> None:
    columns = (Column("name", lazy_gettext("Learner"), lambda row: row.name),)
    shown = Table("people", "People", columns, (ROW,), HERE)
    assert ">Learner</th>" in drawn(app, shown)
    assert table_csv("people", columns, ()).get_data(as_text=True) == "\ufeffLearner\r\n"
    with language_context(PseudoCatalog()):
        assert "Ĺéáŕńéŕ" in table_csv("people", columns, ()).get_data(as_text=True)
        assert "Learner" not in str(columns[0].label)
