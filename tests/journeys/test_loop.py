"""The loop in a real browser: an action changes the next page, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from tests.journeys.conftest import Site
from tests.waiting import until
from webapp.models.operations import JobRun, RunStatus

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CARD = ".shelf .card[id^=card-recommended-]"


def ids_on(page: Page) -> list[str]:
    return [re.sub(r".*-", "", c.get_attribute("id") or "") for c in page.locator(".shelf .card[id^=card-]").all()]


def register(page: Page, email: str) -> None:
    page.goto("/register")
    page.get_by_label("Name").fill("Nora Newcomer")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill("a long enough pass phrase")
    page.get_by_role("button", name="Make my account").click()
    page.wait_for_url("**/welcome/**")


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
def test_a_newcomer_with_interests_gets_a_fitting_home_at_once(new_context: Callable[..., BrowserContext], javascript: bool) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    register(page, f"nora.{int(javascript)}@example.com")
    page.get_by_label("Design", exact=True).check()
    page.get_by_label("Writing and communication", exact=True).check()
    go_on = page.locator("main form").get_by_role("button").first
    with page.expect_navigation():
        go_on.click()
    page.get_by_label(re.compile("UX designer")).check()
    with page.expect_navigation():
        go_on.click()
    page.goto("/")
    topics = page.locator(f"{CARD} .meta span:first-child").all_inner_texts()
    assert len(topics) >= 4
    assert sum(topic in ("Design", "Writing and communication") for topic in topics) >= len(topics) / 2
    assert all(page.locator(f"{CARD} .why").all_inner_texts())


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
def test_not_for_me_changes_the_next_page_and_can_be_undone(new_context: Callable[..., BrowserContext], sign_in, javascript: bool) -> None:
    page = new_context(java_script_enabled=javascript).new_page()
    sign_in(page, "learner@example.com")
    page.goto("/")
    card = page.locator(CARD).first
    number = re.sub(r".*-", "", card.get_attribute("id") or "")
    title = card.locator("h3").inner_text().replace("\n", " ")
    card.get_by_role("button", name=re.compile("^Not for me")).click()
    hidden = page.get_by_text(re.compile("^Hidden.* You will see fewer like it"))
    expect(hidden).to_be_visible()
    page.get_by_role("button", name=re.compile(f"^Undo.*{re.escape(title)}")).click()
    expect(page.locator(f"#card-recommended-{number} h3")).to_be_visible()
    expect(hidden).to_have_count(0)
    page.locator(f"#card-recommended-{number}").get_by_role("button", name=re.compile("^Not for me")).click()
    expect(hidden).to_be_visible()
    page.goto("/")
    assert number not in ids_on(page)
    page.goto("/my/hidden")
    with page.expect_navigation():
        page.get_by_role("button", name=f"Bring back {title}").click()
    expect(page.get_by_role("button", name=f"Bring back {title}")).to_have_count(0)


def test_a_course_is_taken_from_enrolling_to_the_next_lesson(new_context: Callable[..., BrowserContext], sign_in) -> None:
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, "creator@example.com")
    page.goto("/courses/emails-that-get-answered")
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("^Enroll")).click()
    page.goto("/courses/emails-that-get-answered/learn")
    first = page.locator("h1").inner_text()
    page.get_by_role("button", name=re.compile("complete", re.IGNORECASE)).click()
    expect(page.locator("h1")).not_to_have_text(first)
    page.goto("/my")
    expect(page.get_by_role("progressbar").first).to_be_visible()


def last_training(site: Site) -> tuple[int, RunStatus, str]:
    with site.database() as database:
        run = database.scalars(select(JobRun).where(JobRun.job_id == "retrain").order_by(JobRun.id.desc())).first()
        return (run.id, run.status, run.message) if run else (0, RunStatus.SUCCEEDED, "")


def test_retraining_shows_its_progress_while_pages_are_served(new_context: Callable[..., BrowserContext], sign_in, site: Site) -> None:
    page = new_context().new_page()
    sign_in(page, "admin@example.com")
    page.goto("/admin")
    version = page.locator("dl.facts > div").filter(has_text="Version").locator("code")
    before = version.inner_text()
    number = last_training(site)[0]
    page.get_by_role("button", name="Retrain now").click()
    expect(page.locator("#training progress")).to_be_visible()
    visitor = new_context().new_page()

    def ended_while_pages_are_served() -> bool:
        answer = visitor.goto("/")
        assert answer is not None
        assert answer.ok
        return last_training(site)[1] in (RunStatus.SUCCEEDED, RunStatus.FAILED)

    until(ended_while_pages_are_served, "the training to end", pause=lambda: visitor.wait_for_timeout(500))
    ended, status, message = last_training(site)
    assert (ended > number, status) == (True, RunStatus.SUCCEEDED), message
    # The page leaves for the new model's by itself; a second navigation beside that one would be refused.
    expect(version).not_to_have_text(before)
    expect(page.locator("#training")).to_contain_text(re.compile(r"from [\d,]+ interactions of [\d,]+ learners with [\d,]+ courses"))
