"""The buttons of a card: with htmx and without JavaScript."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import make_slate
from webapp.extensions import db
from webapp.models.event import Feedback
from webapp.models.user import User
from webapp.recommender.training.course_pairs import course_pairs
from webapp.registries.events import EventKind
from webapp.services.rollups import replace_course_pairs

HTMX = {"HX-Request": "true"}


@pytest.fixture
def learner(client: FlaskClient, login, make_user) -> User:
    user = make_user()
    login(client, user)
    return user


def undo_form(page: str) -> tuple[str, dict[str, str]]:
    """Where the form of the message's button goes, and what it sends."""
    form = re.search(r'class="flash .*?<form method="post" action="([^"]+)">(.*?)</form>', page, flags=re.DOTALL)
    assert form is not None
    assert "<span>Undo</span></button>" in form[2]
    return form[1], dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[2]))


def verdict(user: User) -> EventKind | None:
    return db.session.scalar(select(Feedback.kind).where(Feedback.user_id == user.id))


def test_without_javascript_the_reader_comes_back_and_can_undo(client: FlaskClient, learner: User, make_course) -> None:
    course = make_course("Knots & ropes")
    answer = client.post(f"/courses/{course.slug}/feedback", data={"kind": "dismiss", "next": "/catalog?page=2"})
    assert answer.location == "/catalog?page=2"
    assert verdict(learner) == EventKind.DISMISS
    page = client.get("/catalog?page=2").text
    assert "Hidden: Knots &amp; ropes. You will see fewer like it." in page
    action, fields = undo_form(page)
    assert client.post(action, data=fields).location == "/catalog?page=2"
    assert verdict(learner) is None


def test_undo_brings_back_what_was_said_before(client: FlaskClient, learner: User, make_course) -> None:
    course = make_course()
    for kind in ("thumbs_up", "dismiss"):
        client.post(f"/courses/{course.slug}/feedback", data={"kind": kind, "next": "/my"})
        page = client.get("/my").text
    action, fields = undo_form(page)
    client.post(action, data=fields)
    assert verdict(learner) == EventKind.THUMBS_UP
    hidden = client.post(f"/courses/{course.slug}/feedback", data={"kind": "dismiss"}, headers=HTMX)
    assert 'name="kind" value="thumbs_up"' in hidden.text


def test_what_changed_nothing_has_nothing_to_undo(client: FlaskClient, learner: User, make_course) -> None:
    course = make_course()
    for _ in range(2):
        client.post(f"/courses/{course.slug}/feedback", data={"kind": "save", "next": "/my"})
        page = client.get("/my").text
    assert "Saved for later" in page
    assert "Undo" not in page


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client: FlaskClient, learner: User, make_course, target: str) -> None:
    course = make_course()
    answer = client.post(f"/courses/{course.slug}/feedback", data={"kind": "save", "next": target})
    assert answer.location == f"/courses/{course.slug}"


def test_htmx_gets_the_card_as_it_stands_now(client: FlaskClient, learner: User, make_course) -> None:
    course = make_course()
    data = {"kind": "thumbs_up", "placement": "recommended", "slate_id": "", "position": "3", "next": "/"}
    answer = client.post(f"/courses/{course.slug}/feedback", data=data, headers=HTMX)
    assert answer.status_code == 200
    assert "HX-Request" in answer.headers["Vary"]
    assert f'id="card-recommended-{course.id}"' in answer.text
    assert 'value="clear" aria-pressed="true"' in answer.text
    assert "<html" not in answer.text


def test_htmx_gets_the_way_back_for_a_hidden_card(client: FlaskClient, learner: User, make_course) -> None:
    course = make_course()
    answer = client.post(f"/courses/{course.slug}/feedback", data={"kind": "dismiss", "placement": "new"}, headers=HTMX)
    assert "You will see fewer like it" in answer.text
    assert 'value="clear"' in answer.text
    again = client.post(f"/courses/{course.slug}/feedback", data={"kind": "clear", "placement": "new"}, headers=HTMX)
    assert course.title in again.text
    assert verdict(learner) is None


def test_the_card_keeps_its_reason(client: FlaskClient, learner: User, make_course) -> None:
    known, course = make_course("Rope basics"), make_course("Knots")
    parts = [("ease", "taken_together", 0.4, str(known.id), "a word"), ("content", "rest", 0.1, None)]
    slate = make_slate(learner, [course], parts)
    data = {"kind": "save", "placement": "recommended", "slate_id": str(slate.id), "position": "1"}
    answer = client.post(f"/courses/{course.slug}/feedback", data=data, headers=HTMX)
    assert "Rope basics" in answer.text
    assert "Because you" in answer.text


def test_the_card_on_the_page_of_another_course_keeps_its_reason(
    client: FlaskClient, learner: User, make_user, make_course, make_enrollment
) -> None:
    page, course = make_course("Rope basics"), make_course("Knots")
    for other in (make_user() for _ in range(5)):
        make_enrollment(other, page)
        make_enrollment(other, course)
    replace_course_pairs(course_pairs())
    parts = [("ease", "taken_together", 0.4, str(page.id))]
    slate = make_slate(learner, [course], parts, placement="similar", context_course_id=page.id)
    data = {"kind": "save", "placement": "similar", "slate_id": str(slate.id), "position": "1"}
    answer = client.post(f"/courses/{course.slug}/feedback", data=data, headers=HTMX)
    assert "Goes with this course" in answer.text


def test_somebody_elses_slate_gives_away_nothing(client: FlaskClient, learner: User, make_user, make_course) -> None:
    known, course = make_course("Rope basics"), make_course("Knots")
    slate = make_slate(make_user(), [course], [("ease", "taken_together", 0.4, str(known.id))])
    answer = client.post(f"/courses/{course.slug}/feedback", data={"kind": "save", "slate_id": str(slate.id)}, headers=HTMX)
    assert answer.status_code == 200
    assert "Rope basics" not in answer.text


def test_a_placement_cannot_bring_markup_along(client: FlaskClient, learner: User, make_course) -> None:
    course = make_course()
    answer = client.post(f"/courses/{course.slug}/feedback", data={"kind": "save", "placement": '"><script>'}, headers=HTMX)
    assert "<script" not in answer.text
    assert f'id="card-list-{course.id}"' in answer.text


@pytest.mark.parametrize("position", ["0", "-3", "x", "99999999999999999999", "²"])
def test_a_position_that_cannot_be_is_left_out(client: FlaskClient, learner: User, make_course, position: str) -> None:
    course = make_course()
    answer = client.post(f"/courses/{course.slug}/feedback", data={"kind": "know", "slate_id": "x", "position": position})
    assert answer.status_code == 302
    assert verdict(learner) == EventKind.KNOW


def test_what_is_no_feedback_is_refused(client: FlaskClient, learner: User, make_course) -> None:
    assert client.post(f"/courses/{make_course().slug}/feedback", data={"kind": "enroll"}).status_code == 422


def test_a_draft_takes_no_feedback(client: FlaskClient, learner: User, make_course) -> None:
    assert client.post(f"/courses/{make_course(published=False).slug}/feedback", data={"kind": "save"}).status_code == 404


def test_the_page_of_a_course_has_a_button_for_each_verdict(client: FlaskClient, learner: User, make_course) -> None:
    course = make_course()
    panel = re.compile(r'aria-labelledby="say".*?</section>', flags=re.DOTALL)
    pressed = re.compile(r'name="kind" value="([^"]+)" aria-pressed="([^"]+)"')
    said = {kind: kind.value for kind in EventKind if kind.spec.is_verdict}
    page = panel.search(client.get(f"/courses/{course.slug}").text)
    assert page is not None
    assert sorted(pressed.findall(page[0])) == sorted((kind, "false") for kind in said.values())
    assert {"thumbs_up", "thumbs_down", "dismiss", "know"} <= set(said.values())
    client.post(f"/courses/{course.slug}/feedback", data={"kind": "dismiss"})
    page = panel.search(client.get(f"/courses/{course.slug}").text)
    assert page is not None
    assert ("clear", "true") in pressed.findall(page[0])
