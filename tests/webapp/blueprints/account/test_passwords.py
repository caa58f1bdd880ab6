"""Forgotten and changed passwords."""

import html
from dataclasses import replace

import pytest
from sqlalchemy import delete

from tests.settings import test_settings
from tests.tables import make_tables
from tests.webapp.blueprints.account.conftest import PASSWORD, text_without_own_words
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models.user import User

NEW = "another sentence of mine"


def test_a_forgotten_password_is_replaced_by_mail(app, client, make_person, sign_in, outbox) -> None:
    user = make_person(confirmed_at=None)
    other = app.test_client()
    sign_in(other, user.email)
    client.post("/reset", data={"email": user.email})
    link = outbox.link("/reset/")
    assert client.get(link).status_code == 200
    assert client.post(link, data={"password": "short"}).status_code == 200
    assert client.post(link, data={"password": NEW}).status_code == 302
    assert other.get("/my/profile").status_code == 302
    assert sign_in(client, user.email, PASSWORD).status_code == 200
    assert sign_in(client, user.email, NEW).status_code == 302
    db.session.expire_all()
    assert db.session.get(User, user.id).confirmed_at is not None
    assert "used or does not work" in app.test_client().get(link, follow_redirects=True).text


def test_asking_does_not_tell_who_has_an_account(app, make_person, outbox) -> None:
    make_person(email="ada@example.com")
    make_person(email="gone@example.com", active=False)

    emails = ("ada@example.com", "nobody@example.com", "gone@example.com")
    texts = {text_without_own_words(app.test_client().post("/reset", data={"email": email}), email) for email in emails}
    assert len(texts) == 1
    assert "has an account, a message with a link is on its way" in texts.pop()
    assert [message.to for message in outbox] == [["ada@example.com"]]


def test_a_link_leads_to_the_address_it_was_asked_at(client, make_person, outbox) -> None:
    user = make_person()
    client.post("/reset", data={"email": user.email})
    assert "http://localhost/reset/" in outbox[0].body


def test_nobody_gets_links_to_a_foreign_site_by_lying_about_the_name(tmp_path) -> None:
    settings = replace(test_settings(f"sqlite:///{tmp_path}/hosts.db", tmp_path), trusted_hosts=("learn.example.org",))
    app = create_app(settings, WTF_CSRF_ENABLED=False)
    with app.app_context():
        make_tables()
    client = app.test_client()
    assert client.get("/login", headers={"Host": "learn.example.org"}).status_code == 200
    answer = client.post("/reset", data={"email": "ada@example.com"}, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text


def test_changing_the_password_takes_the_old_one_and_ends_other_sessions(app, client, make_person, sign_in, outbox) -> None:
    user = make_person()
    other = app.test_client()
    sign_in(other, user.email)
    sign_in(client, user.email)
    wrong = client.post("/my/profile/password", data={"password": "not mine at all", "new_password": NEW})
    assert "This is not your password." in wrong.text
    weak = client.post("/my/profile/password", data={"password": PASSWORD, "new_password": "qwertyuiop"})
    assert "among the first" in weak.text
    assert client.post("/my/profile/password", data={"password": PASSWORD, "new_password": NEW}).location == "/my/profile"
    assert client.get("/my/profile").status_code == 200
    assert other.get("/my/profile").status_code == 302
    assert sign_in(app.test_client(), user.email, NEW).status_code == 302
    assert outbox[-1].to == [user.email]


def test_a_password_changed_while_another_tab_deletes_the_account_is_answered(client, make_person, sign_in, monkeypatch) -> None:
    user = make_person()
    user_id = user.id
    sign_in(client, user.email)

    def hash_slowly(_password: str) -> str:
        db.session.execute(delete(User).where(User.id == user_id).execution_options(synchronize_session=False))
        return "*"

    monkeypatch.setattr("flask_security.changeable.hash_password", hash_slowly)
    answer = client.post("/my/profile/password", data={"password": PASSWORD, "new_password": NEW})
    assert answer.status_code == 409
    assert "Somebody was faster" in answer.text


@pytest.mark.parametrize("path", ["/my/privacy", "/my/profile/password", "/verify"])
def test_a_form_that_asks_for_my_password_says_whose_it_is(client, make_person, sign_in, path) -> None:
    """Else password managers guess, or keep it under no name."""
    user = make_person(email="o'brien@example.com")
    sign_in(client, user.email)
    form = client.get(path).text.partition('autocomplete="username" value="')
    assert html.unescape(form[2].partition('"')[0]) == user.email
    assert form[2].index('type="password"') > 0
