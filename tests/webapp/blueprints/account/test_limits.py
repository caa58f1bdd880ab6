"""Guessing and flooding come to an end; forms without a token are refused."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.settings import test_settings
from tests.tables import make_tables
from tests.webapp.blueprints.account.conftest import PASSWORD
from webapp.extensions import db, limiter
from webapp.factory import create_app
from webapp.models import User
from webapp.services.passwords import hash_password


@pytest.fixture
def guarded(tmp_path) -> Iterator[Flask]:
    """An application with limits and tokens, as it is served."""
    enabled = limiter.enabled
    app = create_app(test_settings(f"sqlite:///{tmp_path}/guarded.db", tmp_path), RATELIMIT_ENABLED=True)
    try:
        yield app
    finally:
        limiter.enabled = enabled


@pytest.fixture
def open_forms(guarded: Flask) -> Flask:
    """The same without tokens, so that forms can be posted directly."""
    guarded.config["WTF_CSRF_ENABLED"] = False
    with guarded.app_context():
        make_tables()
        db.session.add(User(email="ada@example.com", name="Ada", password=hash_password(PASSWORD)))
        db.session.commit()
        db.session.remove()
    return guarded


def attempt(app: Flask, email: str, password: str, address: str = "10.0.0.1") -> int:
    data = {"email": email, "password": password}
    return app.test_client().post("/login", data=data, environ_base={"REMOTE_ADDR": address}).status_code


def test_guessing_one_account_ends_after_ten_from_wherever(open_forms: Flask) -> None:
    codes = [attempt(open_forms, "ada@example.com", "a wrong guess", f"10.0.0.{n}") for n in range(10)]
    assert set(codes) == {200}
    assert attempt(open_forms, "ADA@example.com", PASSWORD, "10.0.0.99") == 429
    answer = open_forms.test_client().post("/login", data={"email": "ada@example.com", "password": "x"})
    assert "A little too fast" in answer.text
    assert int(answer.headers["Retry-After"]) > 14 * 60
    assert "Wait 15 minutes" in answer.text


def test_guessing_many_accounts_from_one_address_ends_too(open_forms: Flask) -> None:
    codes = [attempt(open_forms, f"person{n}@example.com", "a wrong guess") for n in range(31)]
    assert codes[:30] == [200] * 30
    assert codes[30] == 429
    assert attempt(open_forms, "ada@example.com", PASSWORD, "10.0.0.2") == 302


def test_signing_in_rightly_uses_nothing_up(open_forms: Flask) -> None:
    assert {attempt(open_forms, "ada@example.com", PASSWORD) for _ in range(35)} == {302}


def test_one_mailbox_is_not_flooded(open_forms: Flask) -> None:
    codes = [open_forms.test_client().post("/reset", data={"email": "ada@example.com"}).status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]
    assert len(open_forms.extensions["mailman"].outbox) == 5


@pytest.mark.parametrize(
    "path", ["/login", "/register", "/reset", "/logout", "/theme", "/my/profile", "/my/privacy/delete", "/welcome/goal"]
)
def test_forms_without_a_token_are_refused(guarded: Flask, path: str) -> None:
    answer = guarded.test_client().post(path, data={"email": "ada@example.com", "theme": "dark"})
    assert answer.status_code == 400
    assert "open for too long" in answer.text
