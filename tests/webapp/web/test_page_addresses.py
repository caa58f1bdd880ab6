"""A list knows the address it stands at, whatever request it is drawn for."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from webapp.web.page_addresses import page_address
from webapp.web.paging import page_url_builder, requested_pagination
from webapp.web.tables import Column, Table, asked_sort, csv_address

COLUMNS = (Column("title", "Title", lambda row: row, sortable=True), Column("length", "Length", len, sortable=True))
SOURCE = (
    "{% from '_macros/table.html' import data_table %}{% from '_macros/ui.html' import pager %}"
    "{{ data_table(table) }}{{ pager(page, page_url) }}"
)
ROWS = [f"row {number:02}" for number in range(35)]


@pytest.fixture
def browser(separate_app: Flask) -> FlaskClient:
    """A site with a list, its CSV, and a POST elsewhere that draws the list anew."""

    def drawn(group: str) -> str:
        here = page_address("rows", group=group)
        page, sort = requested_pagination(len(ROWS), here, 10), asked_sort(COLUMNS, here.words)
        rows = sorted(ROWS, reverse=bool(sort and sort.descending))[page.offset : page.offset + page.size]
        table = Table("rows", "Rows", COLUMNS, rows, here, sort, csv=csv_address("rows_csv", here, group=group), swaps=True)
        return render_template_string(SOURCE, table=table, page=page, page_url=page_url_builder(here))

    separate_app.add_url_rule("/groups/<group>", "rows", drawn)
    separate_app.add_url_rule("/groups/<group>/rows.csv", "rows_csv", lambda group: "")
    separate_app.add_url_rule("/rows/<int:number>/votes", "vote", lambda number: drawn("a b"), methods=["POST"])
    return separate_app.test_client()


def links(html: str) -> set[str]:
    return {link.replace("&amp;", "&") for link in re.findall(r'(?:href|hx-get)="([^"#]+)"', html)}


@pytest.mark.parametrize("header", ["HX-Current-URL", "Referer"])
def test_a_fragment_made_by_a_post_is_the_list_of_its_page_with_links_that_lead_there(browser: FlaskClient, header: str) -> None:
    address = "/groups/a%20b?q=C%2B%2B&page=2&sort=title&dir=desc&_scheme=x"
    page = browser.get(address).text
    redrawn = browser.post("/rows/7/votes", headers={"HX-Request": "true", header: f"http://localhost{address}"}).text
    assert redrawn == page
    assert "row 24" in redrawn
    assert len(links(redrawn)) >= 6
    for link in links(redrawn):
        assert link.startswith("/groups/a%20b")
        assert browser.get(link).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://localhost/groups/other?page=3&sort=length",
        "http://evil.example/groups/a%20b?page=3",
        "http://[::1/groups/a%20b?page=3",
        "http://localhost/groups/a%20b?page=%00&sort=%00%ff",
        "http://localhost/groups/a%20b?" + "&".join(["x=1"] * 5000),
    ],
)
def test_sent_from_anywhere_else_it_is_the_list_from_its_beginning(browser: FlaskClient, address: str) -> None:
    answer = browser.post("/rows/7/votes", headers={"HX-Request": "true", "HX-Current-URL": address})
    assert answer.status_code == 200
    assert "row 00" in answer.text
    assert "%00" not in answer.text
    for link in links(answer.text):
        assert browser.get(link).status_code == 200


LONG_QUERIES = {
    "many words": "a&" * 25_000,
    "a long value": "x=" + "a" * 50_000,
    "a long name": "%22" * 15_000 + "=1",
    "many values": "&".join(f"k{n}=%F0%9F%9A%80" for n in range(2_500)),
}


@pytest.mark.parametrize("query", LONG_QUERIES.values(), ids=list(LONG_QUERIES))
def test_an_address_made_to_be_long_makes_no_long_page(browser: FlaskClient, query: str) -> None:
    address = f"/groups/g?page=2&sort=title&dir=desc&{query}"
    page = browser.get(address).text
    assert "row 24" in page
    assert max(map(len, links(page))) < 9_000
    assert browser.post("/rows/7/votes", headers={"Referer": f"http://localhost{address}"}).text != ""


def test_the_longest_search_there_is_stays_whole(browser: FlaskClient) -> None:
    words = [*(("topic", f"{'t' * 78}{n:02}") for n in range(20)), *(("level", str(n)) for n in range(6)), ("q", "🚀" * 200)]
    query = urlencode(words)
    page = browser.get(f"/groups/g?{query}").text
    (following,) = {link for link in links(page) if link.endswith("page=2")}
    assert parse_qsl(urlsplit(following).query) == [*words, ("page", "2")]
