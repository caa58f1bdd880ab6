"""What a browser tells of the cards of a page: seen after a second in a visible tab, by half at least, and not before."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import func, select, update

from tests.journeys.conftest import Site
from tests.journeys.pages import eventually
from webapp.models.slate import Impression

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
_IN_VIEW = """() => [...document.querySelectorAll("[data-place]")].filter((card) => {
    const box = card.getBoundingClientRect();
    const width = Math.min(box.right, innerWidth) - Math.max(box.left, 0);
    const height = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
    return width > 0 && height > 0 && width * height >= box.width * box.height / 2;
}).map((card) => card.dataset.place)"""
_OBSERVED = """() => new Promise((done) => {
    new IntersectionObserver((_, observer) => { observer.disconnect(); done(); }).observe(document.body);
})"""  # observers are told in the order in which they were made, the page's first
_TAB = """(state) => {
    Object.defineProperty(document, "visibilityState", {get: () => state, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_card_is_seen_after_a_second_in_a_visible_tab(site: Site, new_context: Callable[..., BrowserContext], sign_in) -> None:
    page = new_context(viewport={"width": 1280, "height": 1600}).new_page()
    sign_in(page, "learner@example.com")
    page.clock.install(time=START)
    page.clock.pause_at(START + timedelta(seconds=1))  # from here on time passes as this test says
    page.goto("/")
    places = page.locator("[data-place]").evaluate_all("(cards) => cards.map((card) => card.dataset.place)")
    in_view = set(page.evaluate(_IN_VIEW))
    assert in_view
    assert in_view < set(places)

    page.evaluate(_OBSERVED)
    page.clock.run_for(900)
    page.evaluate(_TAB, "hidden")  # the reader looks at another tab, where a second passes
    page.clock.run_for(30_000)
    assert seen(site, places) == set()
    page.evaluate(_TAB, "visible")
    page.evaluate(_OBSERVED)
    page.clock.run_for(900)
    page.evaluate(_TAB, "hidden")  # what is there is sent
    assert seen(site, places) == set()

    page.evaluate(_TAB, "visible")
    page.evaluate(_OBSERVED)
    page.clock.run_for(1_100)
    page.evaluate(_TAB, "hidden")
    eventually(page, lambda: seen(site, places) == in_view, "the cards in view to be seen")


def test_a_card_that_a_button_has_swapped_is_watched_like_the_others(
    site: Site, new_context: Callable[..., BrowserContext], sign_in
) -> None:
    page = new_context(viewport={"width": 1280, "height": 1600}).new_page()
    sign_in(page, "learner@example.com")
    page.clock.install(time=START)
    page.clock.pause_at(START + timedelta(seconds=1))
    page.goto("/")
    place = page.locator("[data-place]").first.get_attribute("data-place") or ""
    card = page.locator(f"[data-place='{place}']")
    page.evaluate(_OBSERVED)
    page.clock.run_for(600)
    card.evaluate("(card) => { card.dataset.before = 'yes'; }")
    card.locator("button[name=kind][value=save]").evaluate("(button) => button.click()")  # without scrolling to it
    page.locator(f"[data-place='{place}']:not([data-before])").wait_for(state="attached")
    page.clock.run_for(100)  # what came in is settled
    with site.database() as session:  # that it was pressed is not what this test is about
        slate, position = map(int, place.split(":"))
        where = (Impression.slate_id == slate, Impression.position == position)
        session.execute(update(Impression).where(*where).values(seen_at=None))
        session.commit()

    page.evaluate(_OBSERVED)
    page.clock.run_for(600)  # 1,200 ms in all, of which the second half alone counts for the new card
    page.evaluate(_TAB, "hidden")  # sends the others, which have been there for a second
    eventually(page, lambda: len(seen(site, [place])) > 1, "the other cards to be seen")
    assert place not in seen(site, [place])
    page.evaluate(_TAB, "visible")
    page.evaluate(_OBSERVED)
    page.clock.run_for(1_100)
    page.evaluate(_TAB, "hidden")
    eventually(page, lambda: place in seen(site, [place]), "the swapped card to be seen")


def test_what_is_opened_was_seen_and_clicked(site: Site, new_context: Callable[..., BrowserContext], sign_in) -> None:
    page = new_context().new_page()
    sign_in(page, "learner@example.com")
    page.goto("/")
    card = page.locator("[data-place]").first
    slate, position = map(int, (card.get_attribute("data-place") or "").split(":"))
    with page.expect_navigation():
        card.locator("h3 a").click()
    with site.database() as session:
        place = session.scalars(select(Impression).where(Impression.slate_id == slate, Impression.position == position)).one()
        assert place.clicked_at is not None
        assert place.seen_at is not None
        assert place.reason
        assert 0 < place.propensity <= 1
        assert session.scalar(select(func.count()).where(Impression.slate_id == slate, Impression.clicked_at.is_not(None))) == 1


def seen(site: Site, places: list[str]) -> set[str]:
    """Which of these places the site knows as seen."""
    slates = {int(place.split(":")[0]) for place in places}
    with site.database() as session:
        rows = session.execute(
            select(Impression.slate_id, Impression.position).where(Impression.slate_id.in_(slates), Impression.seen_at.is_not(None))
        )
        return {f"{slate}:{position}" for slate, position in rows}
