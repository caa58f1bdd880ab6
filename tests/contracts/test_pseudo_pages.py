"""Every page in the pseudo-locale: what stands there in plain English letters was looked up nowhere, whatever has built it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from tests.factories import make_course, make_enrollment, make_event, make_notification, make_user
from tests.settings import test_settings
from tests.tables import make_tables
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models.course import Course, CourseStatus
from webapp.models.lesson import Lesson
from webapp.models.user import Role
from webapp.registries.events import EventKind
from webapp.registries.notifications import NotificationKind
from webapp.services.sessions import SessionLimits, start_session
from webapp.transactions import unit_of_work

_SPOKEN = frozenset({"aria-label", "aria-description", "aria-valuetext", "title", "alt", "placeholder", "data-label"})
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_ISOLATED = re.compile("\u2068[^\u2069]*\u2069")
_THE_SAME_EVERYWHERE = re.compile(
    r"Waymark|CSV|NDCG@10|UTC|AUC|\bEnglish\b|[\w.]+@[\w.]+|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"
)
"""Names, addresses, and months, which are written as in English so far."""
_NO_PAGES = ("static", "system.", "account.export", "security.logout")


class _Words(HTMLParser):
    """Collects what is read on a page, without what is set apart as somebody else's words and what is chosen from (languages, zones)."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.words += [value or "" for name, value in attrs if name in _SPOKEN]
        if tag == "input" and told.get("type") in ("submit", "button", "reset"):
            self.words.append(told.get("value") or "")
        if tag not in _VOID:
            silent = tag in ("script", "style", "option", "code", "bdi") or told.get("dir") == "auto"
            self._open.append((tag, silent or self._silent))

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, (name, _) in enumerate(self._open) if name == tag]
        del self._open[places[-1] if places else len(self._open) :]

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    @property
    def _silent(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def plain_english(page: str) -> list[str]:
    """Words of a page without a letter of the pseudo-locale's."""
    reader = _Words()
    reader.feed(page)
    reader.close()
    said = (_THE_SAME_EVERYWHERE.sub("", _ISOLATED.sub("", text)).strip() for text in reader.words)
    return [text for text in said if re.search(r"[A-Za-z]{2,}", text) and not re.search(r"[áćďéĝĥíĵķĺńóŕśťúŵýź]", text)]


@pytest.fixture(scope="module")
def speaking_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that speaks the pseudo-locale from the start, with something on every page."""
    folder: Path = tmp_path_factory.mktemp("pseudo")
    settings = test_settings(f"sqlite:///{folder}/pseudo.db", folder / "instance")
    app = create_app(replace(settings, environment="development", pseudo_locale=True), WTF_CSRF_ENABLED=False)
    with app.app_context():
        make_tables()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def cookies(speaking_app: Flask) -> dict[str, str]:
    """A session of each role, over one course that all of them take, one draft, and an event and a notification of each kind."""
    with speaking_app.app_context(), unit_of_work():
        people = {role: make_user(role, name=f"Б{role}") for role in Role}
        course = make_course(title="Карты", creator=people[Role.CREATOR], quiz=True)
        make_course(title="Черновик", creator=people[Role.CREATOR], published=False)
        for number, lesson in enumerate(db.session.query(Lesson).filter_by(course_id=course.id), 1):
            lesson.title = f"Урок {number}"  # a page's title has nothing that sets it apart
        for person in people.values():
            make_enrollment(person, course)
            for happened in (kind for kind in EventKind if not kind.spec.about_something_else):
                make_event(happened, person, course, value=happened.spec.high)
            for kind in NotificationKind:
                make_notification(person, kind, course=course if kind.spec.about_a_course else None)
        return {role.value: start_session(person, SessionLimits()) for role, person in people.items()}


def _pages(app: Flask) -> list[str]:
    """The address of every page, and some that find nothing."""
    with app.app_context(), unit_of_work(writes=False):
        lesson = db.session.query(Lesson).order_by(Lesson.id).first()
        course = db.session.get_one(Course, lesson.course_id)
        draft = db.session.query(Course).filter_by(status=CourseStatus.DRAFT).one()
        samples = {"slug": course.slug, "lesson": lesson.slug, "user_id": course.creator_id, "tab": "saved", "name": "goal", "token": "x"}
        draft_slug = draft.slug
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.endpoint.startswith(_NO_PAGES)]
    with app.test_request_context():
        made = [
            app.url_for(rule.endpoint, **{name: samples[name] for name in rule.arguments - set(rule.defaults or ())})
            for rule in rules
            if rule.arguments <= samples.keys() and not rule.rule.endswith(".csv")
        ]
    return [*sorted(set(made)), "/nowhere", "/catalog?q=zzzz", "/admin/learners?q=zzzz", f"/courses/{draft_slug}", "/welcome/interests"]


@pytest.mark.parametrize("role", [None, *Role], ids=str)
def test_no_page_says_what_is_not_looked_up(speaking_app: Flask, cookies: dict[str, str], role: Role | None) -> None:
    client = speaking_app.test_client()
    if role is not None:
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = cookies[role], True
    found, seen = {}, 0
    for address in _pages(speaking_app):
        answer = client.get(address)
        if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303):
            seen += 1
            assert answer.status_code < 500, address
            if words := plain_english(answer.text):
                found[address] = words
    assert seen >= (9 if role is None else 18)
    assert found == {}


@pytest.mark.parametrize("address", ["/login", "/register", "/reset", "/my/profile/password"])
def test_no_refusal_says_what_is_not_looked_up(speaking_app: Flask, cookies: dict[str, str], address: str) -> None:
    client = speaking_app.test_client()
    if address.startswith("/my"):
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = cookies[Role.LEARNER], True
    answer = client.post(address, data={"email": "nobody", "password": "x", "name": ""})
    assert answer.status_code in (200, 400, 422), answer.headers
    assert plain_english(answer.text) == []


def test_what_is_handed_back_is_named_in_the_reader_s_language(speaking_app: Flask, cookies: dict[str, str]) -> None:
    client = speaking_app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = cookies[Role.LEARNER], True
    typed = {"name": "Ада", "level": "3", "weekly_minutes": "60", "password": "1", "no_form_has_this": "1" * 70, "nor_that": "2"}
    speaking_app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = client.post("/my/profile", data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    finally:
        speaking_app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 400
    assert "<dl" in answer.text
    assert "<textarea" in answer.text
    assert plain_english(answer.text) == []
    assert "weekly minutes" not in answer.text.lower()


@pytest.mark.parametrize(
    "markup", ["<p>Hello</p>", '<p title="of all">ó</p>', '<input type="submit" value="Send">', "<h1>Ťó <b>go</b></h1>"]
)
def test_plain_english_is_seen(markup: str) -> None:
    assert plain_english(markup)


@pytest.mark.parametrize("markup", ["<p>Ĥéĺĺó</p>", '<h1 dir="auto">Joins</h1>', "<p>Ťó ⁨Ann⁩</p>", "<script>go()</script><p>12</p>"])
def test_what_is_looked_up_or_set_apart_passes(markup: str) -> None:
    assert plain_english(markup) == []
