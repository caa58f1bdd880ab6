"""axe finds nothing, on any page, for any role, in either theme; no page needs to be scrolled sideways at 360 px, none has an error."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from tests.journeys.axe import findings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TAKEN = "/courses/joins-without-surprises"
COURSE = "/courses/sql-from-the-ground-up"
VISITOR = [
    "/",
    "/catalog",
    "/catalog?q=nothing-like-this",
    "/courses/sql-from-the-ground-up",
    "/login",
    "/register",
    "/reset",
    "/confirm",
    "/styleguide",
    "/404",
]
LEARNER = [
    *("/", "/welcome/interests", "/welcome/goal", "/welcome/pace", "/catalog", COURSE, TAKEN, f"{TAKEN}/learn", f"{TAKEN}/unenroll"),
    f"{TAKEN}/learn/the-grain-of-a-table",
    *(
        "/my",
        "/my/saved",
        "/my/completed",
        "/my/hidden",
        "/my/profile",
        "/my/profile/password",
        "/my/sessions",
        "/my/privacy",
        "/notifications",
        "/admin",
    ),
]
CREATOR = ["/studio", f"{COURSE.replace('courses', 'studio')}/unpublish", "/notifications"]
ADMIN = ["/admin", "/admin/jobs", "/admin/learners", "/admin/learners/20/home", "/admin/imports", "/studio?all=1", "/notifications"]
# Reached by a form, a message or not at all as a page, or leads to another one; tests/journeys/test_states.py opens those that are pages.
ELSEWHERE = {
    *(
        "learn.finished",
        "learn.answer",
        "security.confirm_email",
        "security.reset_password",
        "security.verify",
        "account.welcome",
        "admin.training_progress",
    ),
    *("static", "system.health", "system.ready"),
}
FILES = (".csv", ".json", ".txt", ".ico")
PAGES = [("", VISITOR), ("learner@example.com", LEARNER), ("creator@example.com", CREATOR), ("admin@example.com", ADMIN)]

# A sentence whose pieces are laid out beside each other has a gap before and after the piece, or not even a space.
TORN = """() => {
  const pieces = e => /flex|grid/.test(getComputedStyle(e).display);
  const shown = e => [...e.childNodes].filter(n => n.nodeType === Node.ELEMENT_NODE || n.textContent.trim());
  const kind = n => n.nodeType === Node.TEXT_NODE ? 'text' : n.tagName === 'BDI' ? 'part' : '';
  const torn = kinds => kinds.some((kind, i) => kind && kinds[i + 1] && kind !== kinds[i + 1]);
  return [...document.querySelectorAll('body *')].filter(e => pieces(e) && torn(shown(e).map(kind))).map(e => e.outerHTML.slice(0, 200));
}"""


def other_pages(application: Flask) -> list[str]:
    """Addresses of the pages that stand in no list above: those without a part to fill in, and those of a course."""
    adapter = application.url_map.bind("localhost")
    listed = {adapter.match(urlsplit(path).path)[0] for _email, paths in PAGES for path in paths if path != "/404"}
    rules = [rule for rule in application.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.rule.endswith(FILES)]
    more = [rule for rule in rules if rule.endpoint not in listed | ELSEWHERE]
    unknown = [rule.rule for rule in more if not rule.arguments <= {"slug"}]
    assert unknown == [], "an address with a part to fill in needs an example in one of the lists"
    return [adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, COURSE.rpartition("/")[2])) for rule in more]


def test_axe_finds_nothing_on_pages_that_no_list_names(application: Flask, new_context: Callable[..., BrowserContext], sign_in) -> None:
    paths = other_pages(application)
    page = new_context(bypass_csp=True, viewport={"width": 360, "height": 740}).new_page()
    if paths:
        sign_in(page, "admin@example.com")
    problems = []
    for path in paths:
        page.goto(path)
        problems += findings(page)
        problems += [f"{path} is wider than a small phone"] if page.evaluate("document.documentElement.scrollWidth") > 360 else []
    assert problems == []


@pytest.mark.parametrize(("email", "paths"), PAGES, ids=["visitor", "learner", "creator", "admin"])
def test_axe_finds_nothing(new_context: Callable[..., BrowserContext], sign_in, email: str, paths: list[str]) -> None:
    # axe is brought in by the test, past the page's content policy; the policy itself has tests of its own.
    page = new_context(bypass_csp=True, viewport={"width": 1280, "height": 900}).new_page()
    if email:
        sign_in(page, email)
    problems = []
    for path in paths:
        page.goto(path)
        problems += findings(page)
    assert problems == []


@pytest.mark.parametrize(("email", "paths"), PAGES, ids=["visitor", "learner", "creator", "admin"])
def test_nothing_is_wider_than_a_small_phone_or_complains(
    new_context: Callable[..., BrowserContext], sign_in, email: str, paths: list[str]
) -> None:
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.location['url']} {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(f"{page.url} {error}"))
    if email:
        sign_in(page, email)
    too_wide, refused, torn = [], [], []
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        refused += [f"{answer.url} Failed to load resource"] if answer.status in (403, 404) else []
        width = page.evaluate("document.documentElement.scrollWidth")
        too_wide += [f"{path}: {width}"] if width > 360 else []
        torn += page.evaluate(TORN)
    assert too_wide == []
    assert torn == []
    assert [line for line in said if not line.startswith(tuple(refused))] == []
