"""Links that open an account leave no usable trace in logs."""

import pytest
import structlog
from flask import Flask
from structlog.testing import LogCapture

TOKEN = "WyJjYW5hcnkiXQ.aaaaBB.dddd-EEEE_ffff"


@pytest.fixture
def lines(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What is logged in this test, with what was bound to it."""
    capture, before = LogCapture(), structlog.get_config()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, capture], wrapper_class=structlog.BoundLogger, cache_logger_on_first_use=False
    )
    yield capture.entries  # type: ignore[misc]
    structlog.configure(**before)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize(
    "path",
    [
        f"/reset/{TOKEN}",
        f"/confirm/{TOKEN}",
        f"/reset/{TOKEN}/",
        f"/RESET/{TOKEN}",
        f"/confirm/{TOKEN}/more",
        f"/reset/{TOKEN}?token={TOKEN}",
        f"/reset/%57{TOKEN}",
        f"/elsewhere/{TOKEN * 3}",
        f"/login?next=/reset/{TOKEN}",
    ],
)
def test_no_line_holds_a_token(client, lines, method: str, path: str) -> None:
    client.open(path, method=method)
    assert [line for line in lines if line["event"] == "request"]
    assert TOKEN not in repr(lines)


@pytest.mark.parametrize("piece", [TOKEN[:20], TOKEN[-16:], "aB3dE", "EEEE_ffff", "WyJj", "Il9iYXIi.Z1xQ-w"])
@pytest.mark.parametrize(
    "path",
    [
        "/{}",
        "/{}/",
        "/elsewhere/{}",
        "/de/reset/{}",
        "/de/Reset/x/{}",
        "//reset/{}",
        "/reset{}",
        "/reset:{}",
        "/reset%2F{}",
        "/reset%20/{}",
        "/reset/x/{}",
        "/confirm/{}/x",
        "/login{}",
        "/mail=/reset/{}",
        "/http:/localhost/reset/{}",
        "/courses/x/y/{}",
    ],
)
def test_no_line_holds_a_piece_of_a_token_at_an_address_of_no_page(client, lines, path: str, piece: str) -> None:
    assert client.get(path.format(piece)).status_code in (302, 400, 404, 405)
    assert [line for line in lines if line["event"] == "request"]
    assert piece not in repr(lines)


def test_other_paths_are_logged_whole(client, lines, make_course) -> None:
    course = make_course(title="Maps from coordinates")
    for path in (f"/courses/{course.slug}", "/catalog", "/nowhere/at-all", "/wp-login.php", "/.env", "/courses/17/page2", "/a//b/"):
        client.get(path)
        assert lines[-1]["path"] == path


def test_every_variable_that_carries_a_secret_is_one_the_log_knows(application: Flask) -> None:
    from webapp.web.logs import _SECRETS

    suspicious = {
        name for rule in application.url_map.iter_rules() for name in rule.arguments if any(part in name for part in ("tok", "key", "sig"))
    }
    assert suspicious <= _SECRETS


def test_a_failing_statement_does_not_log_what_it_was_given(app: Flask, db_session) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    with pytest.raises(SQLAlchemyError) as failed, db_session.begin_nested():
        db_session.execute(text("select :address from nowhere"), {"address": "canary@example.com"})
    assert "canary" not in str(failed.value)
