"""The catalog in a real browser: live filters that keep address, focus and panel; the same by hand without JavaScript."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.journeys.pages import eventually, show, step_back

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SIZES = pytest.mark.parametrize("width", [360, 1280])


def filters_in(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def open_filters(page: Page) -> None:
    summary = page.locator("#filters > summary")
    if summary.is_visible():
        summary.click()


@SIZES
def test_a_filter_acts_at_once_and_the_way_back_works(new_context: Callable[..., BrowserContext], width: int) -> None:
    page = new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto("/catalog")
    everything = page.locator("#catalog-count").inner_text()
    open_filters(page)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/catalog" in request.url else None)
    page.get_by_label("Beginner").check()
    expect(page.locator("#catalog-count")).not_to_have_text(everything)
    assert filters_in(page)["level"] == ["beginner"]
    assert len(asked) == 1
    expect(page.get_by_label("Beginner")).to_be_focused()
    expect(page.get_by_label("Intermediate")).to_be_visible()
    page.get_by_label("Sort by").select_option("title")
    page.wait_for_url("**sort=title**")
    page.go_back()
    expect(page.get_by_label("Sort by")).not_to_have_value("title")
    page.go_back()
    expect(page.locator("#catalog-count")).to_have_text(everything)


def test_the_way_back_pressed_twice_shows_the_page_of_its_address(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto("/catalog")
    everything = page.locator("#catalog-count").inner_text()
    page.get_by_label("Beginner").check()
    page.wait_for_url("**level=beginner**")
    page.get_by_label("Sort by").select_option("title")
    page.wait_for_url("**sort=title**")
    held: list[Route] = []
    ended: list[Request] = []
    page.route(lambda url: "level=beginner" in url, lambda route: held.append(route))
    for outcome in ("requestfinished", "requestfailed"):
        page.on(outcome, lambda request: ended.append(request))
    step_back(page)
    eventually(page, lambda: held, "the first step back to ask for its page")
    step_back(page)
    expect(page.locator("#catalog-count")).to_have_text(everything)
    # The first answer comes last, as it does when one of two servers is busy.
    held[0].continue_()
    eventually(page, lambda: held[0].request in ended, "the first step's request to end")
    show(page)
    expect(page.locator("#catalog-count")).to_have_text(everything)
    assert filters_in(page) == {}


@SIZES
def test_an_address_that_was_shared_shows_the_same(new_context: Callable[..., BrowserContext], width: int) -> None:
    page, other = (new_context(viewport={"width": width, "height": 900}).new_page() for _ in range(2))
    page.goto("/catalog")
    open_filters(page)
    page.get_by_label("Advanced").check()
    page.wait_for_url("**level=advanced**")
    other.goto(page.url)
    assert other.locator(".card h3").all_inner_texts() == page.locator(".card h3").all_inner_texts()
    with other.expect_navigation():
        other.get_by_role("link", name=re.compile("Advanced.*remove this filter")).click()
    assert "level" not in filters_in(other)


@SIZES
def test_without_javascript_a_button_applies_the_filters(new_context: Callable[..., BrowserContext], width: int) -> None:
    page = new_context(viewport={"width": width, "height": 900}, java_script_enabled=False).new_page()
    page.goto("/catalog?q=data")
    open_filters(page)
    page.get_by_label("Beginner").check()
    page.get_by_label("Up to 2 hours").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Show courses").click()
    found = filters_in(page)
    assert (found["q"], found["level"], found["length"]) == (["data"], ["beginner"], ["short"])
    levels = page.locator(".card .meta").all_inner_texts()
    assert levels
    assert all("Beginner" in level for level in levels)
