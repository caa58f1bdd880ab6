"""Guessing and flooding come to an end; forms without a token are refused."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask import Flask
from limits.errors import StorageError

from tests.settings import test_settings
from tests.tables import make_tables
from tests.webapp.blueprints.account.conftest import PASSWORD
from webapp.extensions import db, limiter
from webapp.factory import create_app
from webapp.models.user import User
from webapp.services.passwords import hash_password
from webapp.support.clock import now


@pytest.fixture
def guarded(tmp_path) -> Iterator[Flask]:
    """An application with limits and tokens, as it is served, at one moment: however long passwords take, no window ends meanwhile."""
    app = create_app(test_settings(f"sqlite:///{tmp_path}/guarded.db", tmp_path), RATELIMIT_ENABLED=True)
    with time_machine.travel(now(), tick=False):
        yield app


@pytest.fixture
def open_forms(guarded: Flask) -> Flask:
    """The same without tokens, so that forms can be posted directly."""
    guarded.config["WTF_CSRF_ENABLED"] = False
    with guarded.app_context():
        make_tables()
        for name in ("Ada", "Eve"):
            db.session.add(User(email=f"{name.lower()}@example.com", name=name, password=hash_password(PASSWORD), confirmed_at=now()))
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


@pytest.mark.parametrize("dress", ["2001:db8:1:2:{:x}::1", "2001:db8:1:2::{:x}"])
def test_a_household_of_many_addresses_has_one_count(open_forms: Flask, dress: str) -> None:
    codes = [attempt(open_forms, f"person{n}@example.com", "a wrong guess", dress.format(n + 1)) for n in range(31)]
    assert codes == [200] * 30 + [429]
    assert attempt(open_forms, "ada@example.com", PASSWORD, "2001:db8:1:3::1") == 302


def test_mail_to_many_from_a_household_of_many_addresses_comes_to_an_end(open_forms: Flask) -> None:
    ask = lambda n: open_forms.test_client().post(  # noqa: E731
        "/reset", data={"email": f"person{n}@example.com"}, environ_base={"REMOTE_ADDR": f"2001:db8::{n + 1:x}"}
    )
    assert [ask(n).status_code for n in range(31)] == [200] * 30 + [429]


def test_signing_in_rightly_uses_nothing_up(open_forms: Flask) -> None:
    assert {attempt(open_forms, "ada@example.com", PASSWORD) for _ in range(35)} == {302}


@pytest.mark.parametrize(
    "spelling",
    ["Ada@Example.com", " ada@example.com ", "ADA@EXAMPLE.COM\t", "ａｄａ@example.com", "ada@ｅｘａｍｐｌｅ.com", "ada@exa\u2060mple.com"],
)
def test_another_spelling_of_an_address_has_no_count_of_its_own(open_forms: Flask, spelling: str) -> None:
    for n in range(10):
        attempt(open_forms, "ada@example.com", "a wrong guess", f"10.0.0.{n}")
    assert attempt(open_forms, spelling, PASSWORD, "10.0.0.99") in (200, 429)
    assert attempt(open_forms, "ada@example.com", PASSWORD, "10.0.0.99") == 429


def test_spellings_of_one_address_fill_one_count(open_forms: Flask) -> None:
    spellings = ("ada@example.com", "Ada@Example.com", " ada@example.com", "ａｄａ@example.com", "ADA@ｅｘａｍｐｌｅ.com")
    codes = [attempt(open_forms, spellings[n % 5], "a wrong guess", f"10.0.0.{n}") for n in range(11)]
    assert codes == [200] * 10 + [429]


@pytest.mark.parametrize("sent", ["application/json", "application/x+json", "APPLICATION/JSON; charset=utf-8"])
def test_guesses_that_come_as_no_form_are_not_looked_at(open_forms: Flask, sent: str) -> None:
    body = json.dumps({"email": "ada@example.com", "password": PASSWORD})
    for path in ("/login", "/login?email=eve@example.com", "/verify", "/my/profile/password", "/reset", "/register"):
        answer = open_forms.test_client().post(path, data=body, content_type=sent)
        assert answer.status_code == 415
        assert "Set-Cookie" not in answer.headers
    assert attempt(open_forms, "ada@example.com", PASSWORD) == 302


def test_dots_are_part_of_an_address(open_forms: Flask) -> None:
    for n in range(10):
        attempt(open_forms, "a.da@example.com", "a wrong guess", f"10.0.0.{n}")
    assert attempt(open_forms, "ada@example.com", PASSWORD, "10.0.0.99") == 302


def test_guesses_sent_at_the_same_moment_are_no_more_than_one_after_the_other(open_forms: Flask) -> None:
    with ThreadPoolExecutor(24) as pool:
        codes = list(pool.map(lambda n: attempt(open_forms, "ada@example.com", "a wrong guess", f"10.0.0.{n}"), range(24)))
    assert sorted(codes) == [200] * 10 + [429] * 14


def test_owners_get_in_on_a_device_of_theirs_while_others_are_locked_out(open_forms: Flask) -> None:
    own = open_forms.test_client()
    data = {"email": "ada@example.com", "password": PASSWORD}
    own.post("/login", data=data)
    own.post("/logout")
    for n in range(11):
        attempt(open_forms, "ada@example.com", "a wrong guess", f"10.0.0.{n}")
    assert attempt(open_forms, "ada@example.com", PASSWORD, "10.0.0.50") == 429
    assert own.post("/login", data=data).status_code == 302
    own.post("/logout")
    codes = [own.post("/login", data=data | {"password": "a wrong guess"}).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]


def test_a_device_is_known_to_its_own_account_alone(open_forms: Flask) -> None:
    eve = open_forms.test_client()
    eve.post("/login", data={"email": "eve@example.com", "password": PASSWORD})
    eve.post("/logout")
    for n in range(10):
        attempt(open_forms, "ada@example.com", "a wrong guess", f"10.0.0.{n}")
    assert eve.post("/login", data={"email": "ada@example.com", "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("path", ["/verify", "/my/profile/password", "/my/privacy/delete"])
def test_an_address_sent_along_opens_no_way_to_guess_the_password_of_an_open_session(open_forms: Flask, path: str) -> None:
    taken = open_forms.test_client()
    taken.post("/login", data={"email": "ada@example.com", "password": PASSWORD})
    taken.delete_cookie("device")
    guess = {"password": "a wrong guess", "new_password": "an unusual phrase of Eve"}
    send = lambda n: taken.post(  # noqa: E731
        path, data=guess | {"email": f"person{n}@example.com"}, environ_base={"REMOTE_ADDR": f"10.0.1.{n}"}
    )
    assert [send(n).status_code for n in range(11)] == [200] * 10 + [429]


def test_a_device_of_somebody_else_opens_no_way_to_guess_the_password_of_an_open_session(open_forms: Flask) -> None:
    eve, taken = open_forms.test_client(), open_forms.test_client()
    eve.post("/login", data={"email": "eve@example.com", "password": PASSWORD})
    taken.post("/login", data={"email": "ada@example.com", "password": PASSWORD})
    device = eve.get_cookie("device")
    assert device is not None
    taken.set_cookie("device", device.value)
    codes = [taken.post("/verify", data={"password": "a wrong guess", "email": "eve@example.com"}).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]


def test_an_account_that_waits_for_the_same_address_opens_no_way_to_guess(open_forms: Flask) -> None:
    eve = open_forms.test_client()
    mine = {"email": "ada@example.com", "password": "an unusual phrase of Eve"}
    assert eve.post("/register", data=mine | {"name": "Eve"}).location == "/welcome"
    eve.post("/logout")
    assert eve.post("/login", data=mine).status_code == 302
    eve.post("/logout")
    for n in range(10):
        attempt(open_forms, "ada@example.com", "a wrong guess", f"10.0.0.{n}")
    assert eve.post("/login", data=mine | {"password": PASSWORD}).status_code == 200
    assert eve.post("/login", data=mine).status_code == 302


def test_a_mailed_link_lets_a_locked_out_owner_in_at_once(open_forms: Flask) -> None:
    for n in range(10):
        attempt(open_forms, "ada@example.com", "a wrong guess", f"10.0.0.{n}")
    own = open_forms.test_client()
    own.post("/reset", data={"email": "ada@example.com"})
    (link,) = re.findall(r"http://localhost(/reset/\S+)", open_forms.extensions["mailman"].outbox[-1].body)
    assert own.post(link, data={"password": "another sentence of mine"}).status_code == 302
    assert own.post("/login", data={"email": "ada@example.com", "password": "another sentence of mine"}).status_code == 302
    assert attempt(open_forms, "ada@example.com", "another sentence of mine", "10.0.0.50") == 429


def test_a_form_shown_again_uses_up_no_registration(open_forms: Flask) -> None:
    data = {"name": "New", "email": "new@example.com"}
    for _ in range(6):
        assert open_forms.test_client().post("/register", data=data | {"password": "short"}).status_code == 200
    codes = [open_forms.test_client().post("/register", data=data | {"password": PASSWORD}).status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]


def test_a_store_of_counts_that_fails_locks_nobody_out(open_forms: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_more: object) -> int:
        raise StorageError(OSError("the disk is full"))

    monkeypatch.setattr(limiter.storage, "incr", fail)
    assert attempt(open_forms, "ada@example.com", PASSWORD) == 302


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
