"""What a page's forms lead back to can be opened, also where the page answers a form."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from webapp.extensions import db
from webapp.models.lesson import Lesson, LessonKind
from webapp.services.passwords import hash_password
from webapp.web.redirects import reopen_address

HERE = "http://localhost"


@pytest.mark.parametrize(
    ("method", "path", "came_from", "back"),
    [
        ("GET", "/catalog?q=a&page=2", None, "/catalog?q=a&page=2"),
        ("GET", "/no/such/page", None, "/no/such/page"),
        pytest.param("GET", "/catalog?x=" + "a" * 9_000, None, "/catalog", id="a query longer than any of ours"),
        pytest.param("POST", "/courses/knots/feedback", HERE + "/my?x=" + "a" * 9_000, "/", id="a page before with such a query"),
        ("POST", "/my/profile", HERE + "/my", "/my/profile"),
        ("POST", "/my/privacy/delete", HERE + "/my/privacy", "/my/privacy/delete"),
        ("POST", "/courses/knots/learn/bowline/answer", HERE + "/courses/knots/learn/bowline", "/courses/knots/learn/bowline/answer"),
        ("POST", "/courses/knots/feedback", HERE + "/my/saved?page=2", "/my/saved?page=2"),
        ("POST", "/courses/knots/feedback", HERE + "/courses/knots/feedback", "/"),
        ("POST", "/courses/knots/feedback", "http://elsewhere.example/catalog", "/"),
        ("POST", "/courses/knots/feedback", None, "/"),
        ("GET", "/logout", HERE + "/logout", "/"),
        ("POST", "/theme?next=//evil.example", HERE + "//evil.example", "/"),
    ],
)
def test_the_way_back_can_be_opened(app: Flask, method: str, path: str, came_from: str | None, back: str) -> None:
    with app.test_request_context(path, method=method, headers={"Referer": came_from} if came_from else {}):
        assert reopen_address() == back


def test_the_theme_is_chosen_from_the_answer_to_a_wrong_password(client, login, make_user) -> None:
    login(client, make_user(password=hash_password("somebody else's")))
    refused = client.post("/my/privacy/delete", data={"password": "not mine"}, headers={"Referer": HERE + "/my/privacy"})
    assert refused.status_code == 200
    back = re.search(r'action="/theme".*?name="next" value="([^"]+)"', refused.text, re.DOTALL)
    assert back is not None
    answer = client.post("/theme", data={"theme": "dark", "next": back[1]}, follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, "/my/privacy")


def test_an_answered_quiz_can_be_opened_again(client, login, make_user, make_course, make_enrollment) -> None:
    user, course = make_user(), make_course(quiz=True)
    make_enrollment(user, course)
    quiz = db.session.scalar(select(Lesson.slug).where(Lesson.course_id == course.id, Lesson.kind == LessonKind.QUIZ))
    answer = login(client, user).get(f"/courses/{course.slug}/learn/{quiz}/answer", follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, f"/courses/{course.slug}/learn/{quiz}")


def test_templates_ask_for_the_way_back_and_not_for_the_address_of_the_request() -> None:
    assert [path.name for path in Path("templates").rglob("*.html") if "request.full_path" in path.read_text()] == []
