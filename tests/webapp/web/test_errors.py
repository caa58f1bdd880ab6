"""What another request made or removed in the same moment is told as that, and kept apart from faults of ours."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from flask import Flask, flash
from sqlalchemy.exc import IntegrityError
from structlog.testing import LogCapture

from webapp.extensions import db
from webapp.models.enrollment import Enrollment
from webapp.models.vocabulary import Topic
from webapp.transactions import unit_of_work


def _of_somebody_who_is_gone() -> list[object]:
    return [Enrollment(user_id=10**6, course_id=10**6)]


def _there_already() -> list[object]:
    return [Topic(slug="maps", name=name, position=1) for name in ("Maps", "maps")]


def _without_a_name() -> list[object]:
    return [Topic(slug="maps", name=None, position=1)]


@pytest.mark.parametrize(("rows", "status"), [(_of_somebody_who_is_gone, 409), (_there_already, 409), (_without_a_name, 500)])
def test_what_broke_a_rule_of_the_database_is_told_apart(committing_app: Flask, rows: Callable[[], list[object]], status: int) -> None:
    @committing_app.post("/written")
    def written() -> str:
        db.session.add_all(rows())
        return "kept"

    committing_app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = committing_app.test_client().post("/written")
    assert answer.status_code == status
    assert db.session.query(Topic).count() == 0


@pytest.mark.parametrize(
    "columns", [{"slug": "canary", "name": "x"}, {"slug": "canary\n\n2", "name": None}, {"slug": "canary[SQL: 1]", "name": None}]
)
def test_what_a_row_held_is_in_no_error(committing_app: Flask, columns: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError) as caught, unit_of_work():
        db.session.add_all(Topic(position=1, **columns) for _ in range(2))
    texts = [str(error) for error in (caught.value, caught.value.orig)]
    assert [text for text in texts if "canary" in text] == []
    assert all("slug" in text or "name" in text for text in texts)


@pytest.fixture
def logged(committing_app: Flask) -> Iterator[list[Any]]:
    """What is logged in this test, at every level."""
    capture, before = LogCapture(), structlog.get_config()
    structlog.configure(processors=[capture], wrapper_class=structlog.BoundLogger, cache_logger_on_first_use=False)
    yield capture.entries
    structlog.configure(**before)


def test_an_answer_that_could_not_be_committed_is_finished_like_any_other(committing_app: Flask, logged: list[Any]) -> None:
    @committing_app.post("/written")
    def written() -> str:
        flash("All of it is kept.", "success")
        db.session.add_all(_there_already())
        return "kept"

    committing_app.config["PROPAGATE_EXCEPTIONS"] = False
    client = committing_app.test_client()
    with client.session_transaction() as before:
        before["seen"] = [7]
    answer = client.post("/written", headers={"X-Request-ID": "a-request-of-ours"})
    assert answer.status_code == 409
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Request-ID"] == "a-request-of-ours"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert [line["status"] for line in logged if line["event"] == "request"] == [409]
    assert "All of it is kept." not in answer.text
    assert "All of it is kept." not in client.get("/login").text
    with client.session_transaction() as after:
        assert after["seen"] == [7]
