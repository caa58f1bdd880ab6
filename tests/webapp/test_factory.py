"""The application starts, answers, and commits or rolls back as a whole."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.settings import test_settings
from webapp.config import ConfigError, load_settings
from webapp.extensions import db
from webapp.factory import create_app


@pytest.mark.parametrize("serves", [True, False])
def test_an_application_that_serves_has_no_commands_and_keeps_little_of_the_database(tmp_path: Path, serves: bool) -> None:
    app = create_app(test_settings(f"sqlite:///{tmp_path}/any.db", tmp_path / "instance"), serves)
    with app.app_context():
        cached = db.session.scalar(text("PRAGMA cache_size"))
        db.session.remove()
        db.engine.dispose()
    assert ("prepare" in app.cli.commands, "migrate" in app.extensions, cached) == (not serves, not serves, -512 if serves else -2000)


def test_an_unknown_address_answers_with_an_error_page(client: FlaskClient) -> None:
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert "catalog" in answer.text.lower()
    assert answer.headers["X-Request-ID"] in answer.text


def test_json_clients_get_problem_json(client: FlaskClient) -> None:
    answer = client.get("/nothing-here", headers={"Accept": "application/json"})
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == 404


def test_fragments_get_a_fragment(client: FlaskClient) -> None:
    answer = client.get("/nothing-here", headers={"HX-Request": "true"})
    assert "<html" not in answer.text


def test_an_error_page_keeps_the_theme_that_was_chosen(client: FlaskClient) -> None:
    assert 'data-theme="auto"' in client.get("/nothing-here").text
    client.set_cookie("theme", "dark")
    assert 'data-theme="dark"' in client.get("/nothing-here").text


def test_content_policy_has_no_inline_code(client: FlaskClient) -> None:
    policy = client.get("/nothing-here").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_settings_name_every_variable_at_fault(tmp_path) -> None:
    env = {"WAYMARK_INSTANCE_DIR": str(tmp_path), "WAYMARK_MAIL_PORT": "many", "WAYMARK_ENV": "moon", "WAYMARK_DATABASE_URL": "mysql://x"}
    with pytest.raises(ConfigError) as caught:
        load_settings(env)
    for name in ("WAYMARK_MAIL_PORT", "WAYMARK_ENV", "WAYMARK_DATABASE_URL"):
        assert name in str(caught.value)


def test_secrets_are_kept_between_starts_and_are_private(tmp_path) -> None:
    first = load_settings({"WAYMARK_INSTANCE_DIR": str(tmp_path)})
    second = load_settings({"WAYMARK_INSTANCE_DIR": str(tmp_path)})
    assert first.secret_key == second.secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert first.secret_key not in repr(first)


def test_every_application_is_its_own(application: Flask) -> None:
    assert application.config["TESTING"]
