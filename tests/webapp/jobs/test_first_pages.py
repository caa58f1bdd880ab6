"""The first pages are answered before the fork, and nothing of them is left but memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, request, request_finished
from sqlalchemy import func, select

from tests.factories import make_course
from tests.settings import test_settings
from webapp.extensions import db
from webapp.factory import create_app
from webapp.jobs.first_pages import REQUEST_ID, answer_first_pages
from webapp.models.event import Event
from webapp.models.slate import Impression, Slate

Answers = list[tuple[str, int, str]]


@pytest.fixture
def answers() -> Iterator[Answers]:
    """Path, status and request id of each answer."""
    given: Answers = []

    def note(_app: Flask, response: Response, **_more: object) -> None:
        given.append((request.path, response.status_code, response.headers["X-Request-ID"]))

    with request_finished.connected_to(note):
        yield given


def _rows() -> int:
    return sum(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Slate, Impression, Event))


@pytest.mark.parametrize("hosts", [None, [".courses.example", "other.example"]], ids=["any host", "some hosts"])
def test_the_first_pages_are_answered_and_write_nothing(committing_app: Flask, answers: Answers, hosts: list[str] | None) -> None:
    committing_app.config["TRUSTED_HOSTS"] = hosts
    course = make_course("Knots", enrollment_count=3)
    make_course("Draft", status="draft", enrollment_count=9)
    db.session.commit()
    answer_first_pages(committing_app)
    assert {(path, status) for path, status, _ in answers} == {
        (path, 200) for path in ("/", "/catalog", "/login", f"/courses/{course.slug}")
    }
    assert {request_id for *_, request_id in answers} == {REQUEST_ID}
    assert _rows() == 0
    host = "http://www.courses.example" if hosts else "http://localhost"
    assert committing_app.test_client().get("/", base_url=host).status_code == 200
    assert _rows() > 0  # as a visitor's page does


def test_a_server_starts_without_them(tmp_path: Path, answers: Answers) -> None:
    app = create_app(test_settings(f"sqlite:///{tmp_path}/without_tables.db", tmp_path / "instance"))
    answer_first_pages(app)
    assert 200 not in {status for _, status, _ in answers}
