"""What a visitor has opened, and what a browser tells, as pages use it."""

import re
from typing import Any

import pytest
from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy import func, select

from recsys.rerank.business_rules import Rule
from recsys.rerank.policy import Policy
from recsys.types import ReasonKind
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.event import Event
from webapp.models.slate import Slate
from webapp.recommender.serving.learner_state import learner_state
from webapp.recommender.serving.serving_model import LiveModel
from webapp.recommender.serving.slates import home_shelves
from webapp.recommender.serving.visit import Visit
from webapp.services.passwords import hash_password
from webapp.support.rate_limiter import RateLimiter
from webapp.web.visit import current_visit

PASSWORD = "a short sentence of mine"


def open_pages(client: FlaskClient, *courses: Course) -> None:
    for course in courses:
        assert client.get(f"/courses/{course.slug}").status_code == 200


def shelf(html: str, title: str) -> str:
    """The text of one shelf; empty where it does not stand."""
    shelves = [part.split("</section>")[0] for part in html.split('<section class="shelf"')[1:]]
    found = next((part for part in shelves if title in part), "")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found))


def kept(client: FlaskClient) -> Any:
    with client.session_transaction() as session:
        return session.get("seen")


def rows() -> dict[str, int]:
    """Rows of every table."""
    return {t.name: db.session.scalar(select(func.count()).select_from(t)) or 0 for t in db.metadata.sorted_tables}


def test_what_a_visitor_opened_changes_the_landing_page_and_is_named_as_the_reason(live, courses, client) -> None:
    assert "Recommended for you" not in client.get("/").text
    open_pages(client, courses[7], courses[8])
    words = shelf(client.get("/").text, "Recommended for you")
    assert "From what you looked at" in words
    assert re.search(r"(Because you looked at|which you looked at|after) ?.*Design course [78]", words)
    place = {number: words.find(f"Design course {number}") for number in (6, 9, 10, 11)}
    data = [words.find(f"Data course {number}") for number in range(6)]
    assert min(place.values()) >= 0
    assert max(place.values()) < min((at for at in data if at >= 0), default=len(words))


def test_nothing_a_visitor_opened_is_written_down(live, courses, client, app, monkeypatch) -> None:
    monkeypatch.setattr(live, "visitor_slates", RateLimiter(100, 60))
    stranger = app.test_client()
    open_pages(stranger, courses[7])
    before = rows()
    client.get("/")
    landing = {name: count - before[name] for name, count in rows().items()}
    open_pages(client, courses[7], courses[8])
    before = rows()
    client.get("/")
    grown = {name for name, count in rows().items() if count > before[name]}
    assert grown == {name for name, count in landing.items() if count} == {"slates", "impressions"}
    assert db.session.scalars(select(Event.id)).all() == []
    parts = [part for detail in db.session.scalars(select(Slate.detail)) for _score, parts in detail for part in parts]
    assert {kind for _source, kind, *_ in parts} & {kind.value for kind in (ReasonKind.TAKEN_TOGETHER, ReasonKind.TAKEN_NEXT)}
    assert {evidence for _source, _kind, _weight, evidence, *_ in parts} == {None}


def test_signing_in_clears_it_and_nothing_is_kept_from_then_on(live, courses, client, make_user) -> None:
    make_user(email="ada@example.com", password=hash_password(PASSWORD))
    open_pages(client, courses[7])
    assert kept(client) == [courses[7].id]
    assert client.post("/login", data={"email": "ada@example.com", "password": PASSWORD}).status_code == 302
    assert kept(client) is None
    open_pages(client, courses[8])
    assert kept(client) is None


def test_who_came_back_signed_in_is_no_visitor(live, courses, client, login, make_user) -> None:
    open_pages(client, courses[7])
    login(client, make_user())
    assert "looked at" not in client.get("/").text
    open_pages(client, courses[8])
    assert kept(client) is None


def test_the_last_ten_are_kept_each_once(courses, client) -> None:
    open_pages(client, *courses, courses[5])
    assert kept(client) == [courses[n].id for n in (2, 3, 4, 6, 7, 8, 9, 10, 11, 5)]


def test_what_cannot_be_opened_is_not_kept(client, make_course) -> None:
    client.get(f"/courses/{make_course(published=False).slug}")
    client.head(f"/courses/{make_course().slug}")
    assert kept(client) is None


@pytest.mark.parametrize("stored", ["junk", {"a": 1}, [None, True, -1, 0, "900008", 1.5, [1], 2**40, 10**9], []])
def test_junk_in_the_cookie_is_dropped(live, courses, client, stored) -> None:
    with client.session_transaction() as session:
        session["seen"] = stored
    assert client.get("/").status_code == 200
    open_pages(client, courses[0])
    assert kept(client)[-1] == courses[0].id
    assert set(kept(client)) <= {courses[0].id, 10**9}


def test_a_page_of_a_visitor_is_kept_by_no_shared_cache(live, courses, client) -> None:
    for _ in range(2):
        for address in ("/", f"/courses/{courses[7].slug}"):
            answer = client.get(address)
            assert answer.cache_control.private
            assert not answer.cache_control.public
            assert "Cookie" in answer.headers["Vary"]


def statements(client: FlaskClient, *addresses: str) -> list[int]:
    found = []
    for address in addresses:
        client.get(address)
        with counted() as seen:
            client.get(address)
        found.append(len(seen))
    return found


def test_many_opened_courses_cost_as_many_statements_as_one(live, courses, client, monkeypatch) -> None:
    monkeypatch.setattr(live, "visitor_slates", RateLimiter(100, 60))
    addresses = ("/", f"/courses/{courses[8].slug}")
    nothing = statements(client, *addresses)
    one = statements(client, *addresses)
    open_pages(client, *courses)
    many = statements(client, *addresses)
    assert many == one
    # In which order learners took courses is asked for whoever a course leads to the next, visitor or learner.
    assert nothing[0] <= one[0] <= nothing[0] + 1
    assert one[1] == nothing[1]


def test_a_visitor_is_who_opened_these_courses(app) -> None:
    with counted() as seen:
        state = learner_state(None, Visit((7, 9), frozenset({"phone"}), ("fr",)))
    assert not seen
    assert [(event.item_id, event.kind) for event in state.learner.history] == [("7", "view"), ("9", "view")]
    assert all(event.weight > 0 for event in state.learner.history)
    assert (state.learner.segments, state.learner.languages) == ({"phone"}, ("fr",))
    assert state.excluded_ids == set()


@pytest.mark.parametrize(
    ("profile", "browser", "read"),
    [("en", (), ("en",)), ("en", ("fr", "en"), ("en", "fr", "en")), ("fr", ("en",), ("fr",))],
)
def test_a_chosen_language_stands_alone_and_the_one_every_profile_begins_with_does_not(make_user, profile, browser, read) -> None:
    user = make_user(profile={"language": profile})
    assert learner_state(user.id, Visit(languages=browser)).learner.languages == read


def test_a_learner_is_recommended_what_they_can_read(live, courses, make_user) -> None:
    for course in courses[6:]:
        course.language = "fr"
    db.session.flush()
    reader, lecteur = make_user(), make_user(profile={"language": "fr"})
    english, french = {course.id for course in courses[:6]}, {course.id for course in courses[6:]}
    for user, own in ((reader, english), (lecteur, french)):
        (recommended,) = (s for s in home_shelves(user.id).shelves if s.placement == "recommended")
        assert set(recommended.course_ids[:4]) <= own


@pytest.mark.parametrize(("hint", "segments"), [("?1", {"phone"}), ("?0", {"desktop"}), (None, set()), ("yes", set())])
def test_the_device_is_a_segment_where_the_browser_says_it(app, hint, segments) -> None:
    with app.test_request_context(headers={"Sec-CH-UA-Mobile": hint} if hint else {}):
        assert current_visit().segments == segments


@pytest.mark.parametrize(
    ("header", "languages"),
    [("fr-CH, fr;q=0.9, en;q=0.8, de;q=0", ("fr-CH", "fr", "en")), ("fr, *;q=0.5", ()), ("*", ()), ("", ()), (";;=,", ())],
)
def test_the_languages_are_those_the_browser_asks_for(app, header, languages) -> None:
    with app.test_request_context(headers={"Accept-Language": header}):
        assert current_visit().languages == languages


def test_a_rule_for_a_device_holds_on_every_page(live, courses, client, monkeypatch) -> None:
    rule = Rule("block", "item", str(courses[9].id), segment="phone")
    monkeypatch.setattr("webapp.recommender.serving.serving_model.POLICY", Policy(rules=(rule,)))
    current_app.extensions["recommender"] = LiveModel(live.models_dir, check_seconds=0)
    for address in ("/", f"/courses/{courses[8].slug}"):
        told = {hint: client.get(address, headers={"Sec-CH-UA-Mobile": hint}).text for hint in ("?0", "?1")}
        assert courses[9].title in told["?0"]
        assert courses[9].title not in told["?1"]
