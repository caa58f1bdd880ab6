"""What a page looks like after something was done on it: axe finds nothing there either, in both themes, on a small phone."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.axe import findings
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHRASE = "a long enough pass phrase"
COURSE = "/courses/charts-that-tell-the-truth"


class Walk:
    """A person on a phone, who looks closely at each place."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []

    def look(self) -> None:
        self.page.wait_for_load_state()
        self.problems += findings(self.page)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        self.problems += [f"{self.page.url} is {width} wide"] if width > 360 else []

    def press(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=re.compile(name)).first.click()

    def register(self, email: str, name: str, password: str = PHRASE) -> None:
        self.page.goto("/register")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.press("Make my account")


@pytest.fixture
def walk(new_context: Callable[..., BrowserContext]) -> Iterator[Walk]:
    walk = Walk(new_context(bypass_csp=True, viewport={"width": 360, "height": 740}).new_page())
    yield walk
    assert walk.problems == []


def test_mistakes_in_forms(walk: Walk) -> None:
    walk.register("ada@", "", "short")
    expect(walk.page.locator("[aria-invalid=true]")).to_have_count(3)
    walk.look()
    walk.page.goto("/login")
    walk.page.get_by_label("E-mail").fill("nobody@example.com")
    walk.page.get_by_label("Password", exact=True).fill("wrong wrong wrong")
    walk.press("Sign in")
    walk.look()


def link_in(mail: Path, to: str, part: str) -> str:
    """The newest link with `part` that was mailed to somebody, once it has been."""

    def links() -> list[str]:
        texts = [file.read_text() for file in sorted(mail.glob("*"), key=lambda file: file.stat().st_mtime)]
        return [link for text in texts if to in text for link in re.findall(rf"http://[^/]+(/{part}/\S+)\n", text)]

    return until(links, f"a message to {to} with a link to {part}")[-1]


def test_links_in_messages(walk: Walk, site) -> None:
    email = "mail.reader@example.com"
    walk.register(email, "Mail Reader")
    walk.page.goto(link_in(site.instance / "mail", email, "confirm"))
    walk.look()
    walk.press("Yes, confirm")
    walk.look()
    walk.page.context.clear_cookies()
    walk.page.goto("/reset")
    walk.page.get_by_label("E-mail").fill(email)
    walk.press("Send me the link")
    walk.look()
    walk.page.goto(link_in(site.instance / "mail", email, "reset"))
    walk.look()


def test_a_form_outlives_its_session(walk: Walk) -> None:
    email = "late.writer@example.com"
    walk.register(email, "Late Writer")
    walk.page.goto("/my/profile")
    walk.page.get_by_label("Name").fill("A name typed with care")
    walk.page.context.clear_cookies()
    walk.press("^Save")
    walk.look()
    walk.page.get_by_label("E-mail").fill(email)
    walk.page.get_by_label("Password", exact=True).fill(PHRASE)
    walk.press("Sign in")
    walk.look()
    walk.press("Send it")
    expect(walk.page.get_by_label("Name")).to_have_value("A name typed with care")


def test_a_course_from_its_first_quiz_to_its_end(walk: Walk) -> None:
    walk.register("quiz.taker@example.com", "W" * 90 + " 🚀 <b>Nora</b>")
    walk.page.goto(COURSE)
    walk.press("^Enroll")
    walk.look()
    walk.page.goto(f"{COURSE}/learn")
    for _ in range(20):
        if walk.page.url.endswith("/finished"):
            break
        if walk.page.locator("#quiz").count():
            take_quiz(walk)
        else:
            walk.press("^Mark complete")
    expect(walk.page.locator("h1")).to_contain_text("You finished")
    walk.look()
    walk.page.goto("/my/completed")
    walk.look()


@contextmanager
def swapped(page: Page, selector: str) -> Iterator[None]:
    """Wait until another fragment has taken the place of this one: what is read next is the answer, not what stood there before."""
    before = page.locator(selector).element_handle()
    yield
    before.wait_for_element_state("hidden")


def take_quiz(walk: Walk) -> None:
    """Without an answer, with first answers, then until all are right."""
    page = walk.page
    check = page.get_by_role("button", name=re.compile("^Check"))
    status = page.locator("#quiz [role=status], #quiz [role=alert]").first
    check.click()
    expect(status).to_contain_text("no answer yet")
    walk.look()
    questions = page.locator("#quiz fieldset")
    for attempt in range(6):
        for n in range(questions.count()):
            question = questions.nth(n)
            if attempt == 0 or question.get_by_text("Not right.").count():
                question.locator("input").nth(attempt).check()
        with swapped(page, "#quiz"):
            check.click()
        expect(status).to_contain_text("right")
        if attempt == 0:
            walk.look()
        if "Passed" in status.inner_text():
            break
    with page.expect_navigation():
        page.locator("#onward a.primary").click()
