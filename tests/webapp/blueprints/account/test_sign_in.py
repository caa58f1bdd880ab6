"""Signing in and out: what works, what is refused, and what a refusal tells."""

from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.webapp.blueprints.account.conftest import PASSWORD, text_without_own_words
from webapp.extensions import db
from webapp.models.user import User


def reload(user: User) -> User:
    db.session.expire_all()
    return db.session.get(User, user.id)


def test_the_right_password_signs_in_and_leaves_its_time(client, make_person, sign_in) -> None:
    user = make_person(email="ada@example.com")
    answer = sign_in(client, "ada@example.com")
    assert answer.status_code == 302
    assert client.get("/my/profile").status_code == 200
    assert reload(user).last_sign_in_at is not None


def test_the_address_may_be_written_in_any_case(client, make_person, sign_in) -> None:
    make_person(email="ada@example.com")
    assert sign_in(client, "Ada@Example.COM").status_code == 302


def test_a_wrong_password_and_an_unknown_account_look_the_same(app, make_person, sign_in) -> None:
    make_person(email="ada@example.com")

    wrong, unknown = (
        text_without_own_words(sign_in(app.test_client(), email, "something else entirely"), email)
        for email in ("ada@example.com", "bob@example.com")
    )
    assert "do not fit together" in wrong
    assert wrong == unknown


def test_what_was_typed_is_kept_but_not_the_password(client, sign_in) -> None:
    answer = sign_in(client, "ada@example.com", "my wrong password")
    assert 'value="ada@example.com"' in answer.text
    assert "my wrong password" not in answer.text


def test_suspended_accounts_and_those_without_password_stay_out(client, make_person, make_user, sign_in) -> None:
    make_person(email="gone@example.com", active=False)
    make_user(email="imported@example.com", password=None)
    assert sign_in(client, "gone@example.com").status_code == 200
    assert sign_in(client, "imported@example.com").status_code == 200
    assert client.get("/my/profile").status_code == 302


def test_a_session_ends_when_its_account_is_suspended(client, make_person, sign_in) -> None:
    user = make_person()
    sign_in(client, user.email)
    user.active = False
    db.session.flush()
    assert client.get("/my/profile").status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/x", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"]
)
def test_next_never_leaves_the_site(client: FlaskClient, make_person, sign_in, target: str) -> None:
    user = make_person()
    answer = client.post("/login", query_string={"next": target}, data={"email": user.email, "password": PASSWORD, "next": target})
    assert answer.status_code == 302
    assert "\\" not in answer.location
    assert urlsplit(urljoin("http://localhost/login", answer.location)).netloc == "localhost"


def test_next_leads_back_to_where_the_reader_was(client, make_person, sign_in) -> None:
    user = make_person()
    asked = client.get("/my/privacy")
    assert asked.location == "/login?next=/my/privacy"
    assert 'value="/my/privacy"' in client.get(asked.location).text
    assert sign_in(client, user.email, next="/my/privacy").location == "/my/privacy"


def test_signing_out_takes_a_post(client, make_person, sign_in) -> None:
    user = make_person()
    sign_in(client, user.email)
    assert client.get("/logout").status_code == 405
    assert client.get("/my/profile").status_code == 200
    assert client.post("/logout").status_code == 302
    assert client.get("/my/profile").status_code == 302


def test_only_those_who_ask_are_remembered(client, make_person, sign_in) -> None:
    user = make_person()
    sign_in(client, user.email)
    assert client.get_cookie("remember_token") is None
    client.post("/logout")
    sign_in(client, user.email, remember="y")
    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    assert cookie.http_only
    client.delete_cookie("session")
    assert client.get("/my/profile").status_code == 200


def test_signing_out_everywhere_ends_other_sessions_and_keeps_this_one(app, make_person, sign_in) -> None:
    user = make_person()
    here, there = app.test_client(), app.test_client()
    sign_in(here, user.email)
    sign_in(there, user.email, remember="y")
    assert there.get("/my/profile").status_code == 200
    assert here.post("/my/profile/sign-out-everywhere").status_code == 302
    assert here.get("/my/profile").status_code == 200
    assert there.get("/my/profile").status_code == 302


def test_who_is_not_confirmed_is_let_in_and_reminded(client, make_person, sign_in) -> None:
    user = make_person(confirmed_at=None)
    sign_in(client, user.email)
    page = client.get("/my/profile")
    assert "not confirmed yet" in page.text
    assert "Send me the link again" in page.text


def test_a_new_device_takes_over_the_theme(client, make_person, sign_in) -> None:
    user = make_person(profile={"theme": "dark"})
    sign_in(client, user.email)
    assert client.get_cookie("theme").value == "dark"


def test_no_bearer_tokens_are_handed_out(client, make_person) -> None:
    user = make_person()
    answer = client.post(
        "/login?include_auth_token", json={"email": user.email, "password": PASSWORD}, headers={"Accept": "application/json"}
    )
    assert "authentication_token" not in answer.text


def test_every_account_page_is_ours(app, client, make_person, sign_in) -> None:
    pages = ["/login", "/register", "/reset", "/confirm"]
    texts = [client.get(page).text for page in pages]
    user = make_person()
    sign_in(client, user.email)
    texts += [client.get(page).text for page in ("/my/profile/password", "/verify")]
    for text in texts:
        assert 'class="site-foot"' in text
        assert text.count("<h1") == 1
        assert "fs-static" not in text
    reachable = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("security.")}
    assert reachable == {
        f"security.{name}"
        for name in (
            "login",
            "logout",
            "register",
            "verify",
            "forgot_password",
            "reset_password",
            "send_confirmation",
            "confirm_email",
            "change_password",
        )
    }
