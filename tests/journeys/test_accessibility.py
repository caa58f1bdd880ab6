"""axe finds nothing, on any page, for any role, in either theme; and no page needs to be scrolled sideways at 360 px."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AXE = (Path(__file__).parents[1] / "assets" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
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
    "/styleguide",
    "/404",
]
LEARNER = ["/", "/welcome", "/catalog", COURSE, "/my", "/my/saved", "/my/profile", "/my/privacy", "/notifications", TAKEN, f"{TAKEN}/learn"]
CREATOR = ["/studio", "/notifications"]
ADMIN = ["/admin", "/admin/jobs", "/admin/learners", "/admin/imports", "/studio?all=1", "/notifications"]
PAGES = [("", VISITOR), ("learner@example.com", LEARNER), ("creator@example.com", CREATOR), ("admin@example.com", ADMIN)]


def findings(page: Page) -> list[str]:
    """What axe has to say, one line a rule."""
    page.evaluate(AXE)
    result = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
    return [f"{v['id']}: {v['help']} – {json.dumps(v['nodes'][0]['html'])[:200]}" for v in result["violations"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("email", "paths"), PAGES, ids=["visitor", "learner", "creator", "admin"])
def test_axe_finds_nothing(new_context: Callable[..., BrowserContext], sign_in, theme: str, email: str, paths: list[str]) -> None:
    # axe is brought in by the test, past the page's content policy; the policy itself has tests of its own.
    page = new_context(color_scheme=theme, bypass_csp=True, viewport={"width": 1280, "height": 900}).new_page()
    if email:
        sign_in(page, email)
    problems = []
    for path in paths:
        page.goto(path)
        problems += [f"{path} {finding}" for finding in findings(page)]
    assert problems == []


@pytest.mark.parametrize(("email", "paths"), PAGES, ids=["visitor", "learner", "creator", "admin"])
def test_nothing_is_wider_than_a_small_phone(new_context: Callable[..., BrowserContext], sign_in, email: str, paths: list[str]) -> None:
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    if email:
        sign_in(page, email)
    too_wide = []
    for path in paths:
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        too_wide += [f"{path}: {width}"] if width > 360 else []
    assert too_wide == []


@pytest.mark.parametrize(("email", "paths"), PAGES, ids=["visitor", "learner", "creator", "admin"])
def test_no_page_complains_to_the_console(new_context: Callable[..., BrowserContext], sign_in, email: str, paths: list[str]) -> None:
    page = new_context().new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url} {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(f"{page.url} {error}"))
    if email:
        sign_in(page, email)
    for path in [p for p in paths if p != "/404"]:
        page.goto(path)
    assert said == []
