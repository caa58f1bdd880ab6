"""What is meant to be seen is seen, and what looks pressable is."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from tests.journeys.conftest import Site
from tests.journeys.pages import eventually
from webapp.models.course import Course
from webapp.models.operations import JobRun, RunStatus
from webapp.support.clock import now

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = {"width": 360, "height": 740}


def test_the_picture_of_a_card_leads_to_its_course(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/catalog")
    card = page.locator(".card").first
    title = card.locator("h3").inner_text()
    box = card.locator(".cover").bounding_box()
    assert box is not None
    with page.expect_navigation():
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("h1")).to_have_text(title)


def test_a_mouse_moves_a_shelf_by_its_buttons(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce").new_page()
    page.goto("/")
    shelf = page.locator(".shelf").first
    back, on = shelf.locator(".shelf-move button").all()
    expect(back).to_be_disabled()
    on.click()
    expect(back).to_be_enabled()
    eventually(page, lambda: shelf.locator(".shelf-cards").evaluate("row => row.scrollLeft") > 400, "the shelf to move")


def test_fingers_need_no_buttons_at_a_shelf(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    page.goto("/")
    expect(page.locator(".shelf-move").first).to_be_hidden()


@pytest.mark.parametrize(("email", "path", "bar"), [("learner@example.com", "/my", ".tabs"), ("admin@example.com", "/admin", ".main-nav")])
def test_every_way_is_in_sight_on_a_phone(new_context: Callable[..., BrowserContext], sign_in, email: str, path: str, bar: str) -> None:
    page = new_context(viewport=PHONE).new_page()
    sign_in(page, email)
    page.goto(path)
    edges = page.locator(f"{bar} a").evaluate_all("links => links.map(link => link.getBoundingClientRect().right)")
    assert len(edges) >= 4
    assert max(edges) <= PHONE["width"]


def test_a_title_without_end_stays_on_a_phone(new_context: Callable[..., BrowserContext], site) -> None:
    with site.database() as database:
        course = database.scalars(select(Course).where(Course.slug == "carbon-accounts-that-add-up")).one()
        course.title = "Donaudampfschifffahrt" * 6 + " <b>"
    page = new_context(viewport=PHONE).new_page()
    page.goto("/courses/carbon-accounts-that-add-up")
    expect(page.locator("h1")).to_have_text(re.compile("<b>$"))
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@contextmanager
def under_way(site: Site, job_id: str) -> Iterator[None]:
    """A run of the job, on another machine, for as long as the block takes."""
    with site.database() as database:
        alive = now() + timedelta(days=1)
        run = JobRun(job_id=job_id, trigger="manual", status=RunStatus.RUNNING, host="elsewhere", heartbeat_at=alive)
        database.add(run)
        database.flush()
        run_id = run.id
    yield
    with site.database() as database:
        ended = database.get_one(JobRun, run_id)
        ended.status, ended.finished_at = RunStatus.SUCCEEDED, now()


def test_no_frame_of_a_page_that_asks_for_itself_shows_utc(new_context: Callable[..., BrowserContext], sign_in, site: Site) -> None:
    page = new_context(timezone_id="America/New_York", bypass_csp=True).new_page()  # the wait below evaluates text
    sign_in(page, "admin@example.com")
    with under_way(site, "prune"):
        page.goto("/admin/jobs")
        page.evaluate(_COUNT_FRAMES_WITH_UTC)
        page.wait_for_function("window.swaps > 1 && window.framesSince > 10")
        assert page.evaluate("window.withUtc") == 0


_COUNT_FRAMES_WITH_UTC = """() => {
  window.withUtc = window.swaps = window.framesSince = 0;
  document.addEventListener("htmx:afterSettle", () => { window.swaps += 1; window.framesSince = 0; });
  const look = () => {
    window.framesSince += 1;
    if ([...document.querySelectorAll("#jobs time")].some((time) => time.textContent.endsWith(" UTC"))) window.withUtc += 1;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
