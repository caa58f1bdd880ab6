"""What was typed survives an expired session and a sign-in in another tab, and comes back only to pages of this site."""

import html
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.settings import test_settings
from tests.tables import make_tables
from tests.webapp.blueprints.account.conftest import PASSWORD
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models.session import UserSession
from webapp.models.user import Profile, User
from webapp.services.passwords import hash_password
from webapp.support.clock import now

OWN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
TEXT = "Ada “Countess” <Lovelace> & daughters, naïve 🚀"


@pytest.fixture
def served(tmp_path) -> Iterator[Flask]:
    """An application whose forms need their token, with Ada."""
    app = create_app(test_settings(f"sqlite:///{tmp_path}/kept.db", tmp_path))
    with app.app_context():
        make_tables()
        for name in ("Ada", "Eve"):
            user = User(email=f"{name.lower()}@example.com", name=name, password=hash_password(PASSWORD), confirmed_at=now())
            user.profile = Profile(onboarded_at=now())
            db.session.add(user)
        db.session.commit()
        db.session.remove()
    return app


def fields(page: str, action: str | None = None) -> dict[str, str]:
    """The hidden fields of the page's main form, or of the form with this action."""
    forms = re.findall(r'<form class="form[^"]*"[^>]*>.*?</form>', page, re.DOTALL)
    form = next(form for form in forms if action is None or f'action="{action}"' in form)
    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', form)
    pairs = ((re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)) for field in hidden)
    return {name[1]: html.unescape(value[1] if value else "") for name, value in pairs if name}


def sign_in(client: FlaskClient, email: str = "ada@example.com", **more: str) -> TestResponse:
    token = fields(client.get("/login").text)["csrf_token"]
    data = {"email": email, "password": PASSWORD, "csrf_token": token, **more}
    return client.post("/login", data=data, headers=OWN)


def end_sessions(app: Flask) -> None:
    with app.app_context():
        for row in db.session.query(UserSession):
            row.revoked_at = now()
        db.session.commit()


def name_of_ada(app: Flask) -> str:
    with app.app_context():
        return db.session.query(User).filter_by(email="ada@example.com").one().name


def profile_form(client: FlaskClient, name: str = TEXT) -> dict[str, str]:
    token = fields(client.get("/my/profile").text)["csrf_token"]
    return {"name": name, "language": "en", "timezone": "UTC", "csrf_token": token}


def test_the_token_of_forms_is_renewed_by_signing_in_and_out(served: Flask) -> None:
    client = served.test_client()
    before = fields(client.get("/login").text)["csrf_token"]
    sign_in(client)
    during = fields(client.get("/my/profile").text)["csrf_token"]
    client.post("/logout", data={"csrf_token": during})
    for stale in (before, during):
        assert client.post("/theme", data={"theme": "dark", "csrf_token": stale}).status_code == 400


def test_a_form_sent_after_the_session_has_ended_comes_back_after_signing_in(served: Flask) -> None:
    client = served.test_client()
    sign_in(client)
    form = profile_form(client)
    end_sessions(served)
    asked = client.post("/my/profile", data=form, headers=OWN)
    assert asked.status_code == 401
    assert "what you entered is here to be sent" in asked.text
    data = {"email": "ada@example.com", **fields(asked.text)}
    wrong = client.post("/login", data=data | {"password": "not mine at all"}, headers=OWN)
    back = client.post("/login", data=data | fields(wrong.text) | {"password": PASSWORD}, headers=OWN)
    assert html.escape(TEXT, quote=False) in back.text.replace("&#34;", '"')
    assert name_of_ada(served) == "Ada"
    kept = fields(back.text, "/my/profile")
    assert kept["name"] == TEXT
    assert client.post("/my/profile", data=kept, headers=OWN).location == "/my/profile"
    assert name_of_ada(served) == TEXT


def test_somebody_else_who_signs_in_there_gets_nothing_of_it(served: Flask) -> None:
    client = served.test_client()
    sign_in(client)
    form = profile_form(client)
    end_sessions(served)
    kept = fields(client.post("/my/profile", data=form, headers=OWN).text)
    answer = client.post("/login", data={"email": "eve@example.com", "password": PASSWORD, **kept}, headers=OWN)
    assert answer.status_code == 302
    assert "naïve" not in answer.text
    client.post("/logout", data={"csrf_token": fields(client.get("/my/profile").text)["csrf_token"]}, headers=OWN)
    back = sign_in(client, kept=kept["kept"])
    assert fields(back.text, "/my/profile")["name"] == TEXT


def test_a_form_of_a_tab_opened_before_a_sign_in_elsewhere_is_kept(served: Flask) -> None:
    client = served.test_client()
    sign_in(client)
    form = profile_form(client)
    client.post("/logout", data={"csrf_token": form["csrf_token"]})
    sign_in(client)
    answer = client.post("/my/profile?tab=2", data=form, headers=OWN)
    assert answer.status_code == 400
    kept = fields(answer.text, "/my/profile?tab=2")
    assert kept["name"] == TEXT
    assert kept["csrf_token"] != form["csrf_token"]
    assert name_of_ada(served) == "Ada"
    assert client.post("/my/profile", data=kept, headers=OWN).status_code == 302
    assert name_of_ada(served) == TEXT


def test_a_browser_that_lost_all_its_cookies_keeps_the_text_too(served: Flask) -> None:
    client = served.test_client()
    sign_in(client)
    form = profile_form(client)
    client.delete_cookie("session")
    asked = client.post("/my/profile", data=form, headers=OWN)
    back = client.post("/login", data={"email": "ada@example.com", "password": PASSWORD, **fields(asked.text)}, headers=OWN)
    assert fields(back.text, "/my/profile")["name"] == TEXT


def test_a_long_text_can_be_read_and_changed_before_it_is_sent(served: Flask) -> None:
    client = served.test_client()
    sign_in(client)
    text = "\nFirst line\n\n  second </textarea> line"
    answer = client.post("/my/profile", data={"name": text, "topics": ["data", "design"], "csrf_token": "stale"}, headers=OWN)
    area = re.search(r'<textarea [^>]*name="name"[^>]*>\n(.*?)</textarea>', answer.text, re.DOTALL)
    assert html.unescape(area[1]) == text
    assert answer.text.count('name="topics"') == 2
    assert "data, design" in answer.text


def test_passwords_are_asked_for_anew_and_never_handed_back(served: Flask) -> None:
    client = served.test_client()
    data = {"name": TEXT, "email": "new@example.com", "password": "an unusual phrase of mine", "csrf_token": "stale"}
    answer = client.post("/register", data=data, headers=OWN)
    assert "an unusual phrase" not in answer.text
    assert 'name="password" type="password" required' in answer.text
    kept = fields(answer.text, "/register")
    assert kept["email"] == "new@example.com"
    assert client.post("/register", data=kept | {"password": data["password"]}, headers=OWN).location == "/welcome"


def test_signing_in_in_a_second_tab_leads_on_where_the_first_one_had_done_it(served: Flask) -> None:
    client = served.test_client()
    stale = fields(client.get("/login").text)["csrf_token"]
    sign_in(client)
    data = {"email": "ada@example.com", "password": PASSWORD, "csrf_token": stale, "next": "/catalog"}
    assert client.post("/login", data=data, headers=OWN).location == "/catalog"
    assert "already" not in client.get("/catalog").text


@pytest.mark.parametrize("form", ["/login", "/register"])
def test_who_asks_for_another_account_in_a_second_tab_is_told_which_one_is_open(served: Flask, form: str) -> None:
    client = served.test_client()
    stale = fields(client.get(form).text)["csrf_token"]
    sign_in(client)
    data = {"email": "Eve@Example.com", "name": "Eve", "password": PASSWORD, "csrf_token": stale}
    page = client.post(form, data=data, headers=OWN, follow_redirects=True).text
    assert re.search(r"You are signed in as <bdi[^>]*>Ada</bdi> in this browser already", page)


def test_what_one_person_typed_is_not_sent_for_another_without_a_word(served: Flask) -> None:
    client = served.test_client()
    sign_in(client)
    form = profile_form(client)
    client.post("/logout", data={"csrf_token": form["csrf_token"]})
    sign_in(client, "eve@example.com")
    answer = client.post("/my/profile", data=form, headers=OWN)
    assert (answer.status_code, fields(answer.text)["name"]) == (400, TEXT)
    assert re.search(r"You are signed in as <bdi[^>]*>Eve</bdi> \(eve@example.com\)", answer.text)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site"},
        {"Referer": "https://evil.example/localhost"},
        {"Origin": "null"},
    ],
)
def test_other_sites_get_nothing_filled_in(served: Flask, headers: dict[str, str]) -> None:
    client = served.test_client()
    sign_in(client)
    answer = client.post("/my/profile", data={"name": "Chosen by a stranger", "csrf_token": "stale"}, headers=headers)
    assert answer.status_code == 400
    assert "Chosen by a stranger" not in answer.text


@pytest.mark.parametrize("forged", ["nonsense", "WyIvbXkvcHJvZmlsZSIsW10sW11d.aaaa.bbbb"])
def test_what_was_not_signed_here_is_left_out(served: Flask, forged: str) -> None:
    assert sign_in(served.test_client(), kept=forged).status_code == 302


def test_a_fragment_asks_for_the_whole_page(served: Flask) -> None:
    client = served.test_client()
    sign_in(client)
    answer = client.post("/my/profile", data={"name": TEXT, "csrf_token": "stale"}, headers=OWN | {"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "body")
    assert fields(answer.text, "/my/profile")["name"] == TEXT
