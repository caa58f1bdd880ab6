"""Pages of a list."""

import pytest
from flask import Flask

from webapp.web.page_addresses import page_address
from webapp.web.paging import Page, page_url_builder, requested_pagination


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("", 1),
        ("?page=2", 2),
        ("?page=0", 1),
        ("?page=-4", 1),
        ("?page=9", 3),
        ("?page=x", 1),
        ("?page=1_0", 1),
        ("?page=٣", 1),
        ("?page=99999999999999999999", 3),
        ("?page=2&page=3", 2),
    ],
)
def test_the_page_asked_for_is_brought_into_range(app: Flask, asked: str, number: int) -> None:
    with app.test_request_context(f"/catalog{asked}"):
        assert requested_pagination(25, page_address("catalog.index"), 10).number == number


def test_an_empty_list_has_one_page(app: Flask) -> None:
    with app.test_request_context("/catalog?page=4"):
        page = requested_pagination(0, page_address("catalog.index"))
    assert (page.number, page.pages, page.has_prev, page.has_next, page.offset) == (1, 1, False, False, 0)


@pytest.mark.parametrize(("number", "before", "after", "offset"), [(1, False, True, 0), (2, True, True, 10), (3, True, False, 20)])
def test_a_page_knows_its_neighbors(number: int, before: bool, after: bool, offset: int) -> None:
    page = Page(number, total=25, size=10)
    assert (page.has_prev, page.has_next, page.offset, page.pages) == (before, after, offset, 3)


def test_other_pages_keep_the_rest_of_the_address(app: Flask) -> None:
    with app.test_request_context("/catalog?topic=data&topic=web&page=2"):
        url = page_url_builder(page_address("catalog.index"))
        assert url(3) == "/catalog?topic=data&topic=web&page=3"
        assert url(1) == "/catalog?topic=data&topic=web"


@pytest.mark.parametrize("query", ["_scheme=x", "_anchor=x", "_external=1", "_method=DELETE", "endpoint=x", "self=1", "values=1", "slug=x"])
def test_words_that_url_for_would_obey_are_words_like_others(app: Flask, query: str) -> None:
    with app.test_request_context(f"/catalog?{query}&page=2"):
        assert page_url_builder(page_address("catalog.index"))(3) == f"/catalog?{query}&page=3"


def test_values_are_quoted(app: Flask) -> None:
    with app.test_request_context("/catalog?q=C%2B%2B+%26+more&page=2"):
        assert page_url_builder(page_address("catalog.index"))(1) == "/catalog?q=C%2B%2B%20%26%20more"
