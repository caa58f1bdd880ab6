"""Sessions are rows: what ends one ends every copy of its cookies."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.webapp.pruning import prune_records
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.session import UserSession
from webapp.models.user import User
from webapp.support.clock import now

COOKIES = ("session", "remember_token")


def copies(client: FlaskClient) -> dict[str, str]:
    return {name: cookie.value for name in COOKIES if (cookie := client.get_cookie(name))}


def replay(app: Flask, cookies: dict[str, str]) -> int:
    """The status of a page for members, asked for with copied cookies."""
    thief = app.test_client()
    for name, value in cookies.items():
        thief.set_cookie(name, value)
    return thief.get("/my/profile").status_code


def rows(user: User) -> list[UserSession]:
    db.session.expire_all()
    return list(db.session.scalars(select(UserSession).where(UserSession.user_id == user.id).order_by(UserSession.id)))


@pytest.mark.parametrize(("minutes", "words"), [(45, "45 min"), (12 * 60, "12 h"), (90, "1 h 30 min")])
def test_the_page_says_how_long_a_session_lasts(app, client, make_person, sign_in, monkeypatch, minutes: int, words: str) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], session_idle_minutes=minutes))
    sign_in(client, make_person().email)
    assert f"A session ends by itself after {words} without use" in client.get("/my/sessions").text


@pytest.mark.parametrize("remember", ["", "y"])
def test_cookies_copied_before_a_sign_out_are_dead_after_it(app, client, make_person, sign_in, remember: str) -> None:
    user = make_person()
    sign_in(client, user.email, remember=remember)
    stolen = copies(client)
    assert len(stolen) == (2 if remember else 1)
    for kept in (stolen, *({name: value} for name, value in stolen.items())):
        assert replay(app, kept) == 200
    client.post("/logout")
    for kept in (stolen, *({name: value} for name, value in stolen.items())):
        assert replay(app, kept) == 302


def test_a_session_begun_by_the_cookie_that_remembers_ends_with_it(app, client, make_person, sign_in) -> None:
    user = make_person()
    sign_in(client, user.email, remember="y")
    client.delete_cookie("session")
    assert client.get("/my/profile").status_code == 200
    stolen = copies(client)
    client.post("/logout")
    assert replay(app, stolen) == 302
    assert replay(app, {"remember_token": stolen["remember_token"]}) == 302


def test_the_table_holds_no_token_that_a_cookie_could_be_made_of(client, make_person, sign_in) -> None:
    user = make_person()
    sign_in(client, user.email)
    with client.session_transaction() as session:
        token = session["_user_id"]
    (row,) = rows(user)
    assert token not in {str(getattr(row, column.key)) for column in UserSession.__table__.columns}
    assert user.fs_uniquifier != token


def test_a_value_that_is_no_token_signs_nobody_in(app, make_person) -> None:
    user = make_person()
    for value in (user.fs_uniquifier, str(user.id), "", 7, None, ["x"]):
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = value
        assert client.get("/my/profile").status_code == 302


def test_unused_sessions_end_and_used_ones_go_on_up_to_their_limit(app, client, make_person, sign_in) -> None:
    user = make_person()
    with time_machine.travel(now(), tick=False) as clock:
        sign_in(client, user.email)
        for _ in range(13):
            clock.shift(timedelta(hours=11))
            assert client.get("/my/profile").status_code == 200
        clock.shift(timedelta(hours=26))
        assert client.get("/my/profile").status_code == 302
        sign_in(client, user.email)
        clock.shift(timedelta(hours=12, seconds=1))
        assert client.get("/my/profile").status_code == 302
        sign_in(client, user.email)
        for _ in range(15):
            clock.shift(timedelta(hours=11))
            client.get("/my/profile")
        clock.shift(timedelta(hours=4))
        assert client.get("/my/profile").status_code == 302


def test_a_session_past_either_end_is_over_whatever_the_other_says(app, client, make_person, sign_in) -> None:
    user = make_person()
    for end in ("idle_expires_at", "expires_at"):
        sign_in(client, user.email)
        assert client.get("/my/profile").status_code == 200
        setattr(rows(user)[-1], end, now() - timedelta(seconds=1))
        db.session.commit()
        assert client.get("/my/profile").status_code == 302


def test_a_session_begun_by_a_clock_that_was_ahead_is_over_when_it_is_set_right(app, client, make_person, sign_in) -> None:
    user = make_person()
    with time_machine.travel(now() + timedelta(days=400), tick=False):
        sign_in(client, user.email, remember="y")
        assert client.get("/my/profile").status_code == 200
    assert client.get("/my/profile").status_code == 302


def test_a_session_used_by_a_clock_that_was_ahead_keeps_to_its_idle_end_when_it_is_set_right(client, make_person, sign_in) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        sign_in(client, make_person().email)
        clock.shift(timedelta(hours=11))
        assert client.get("/my/profile").status_code == 200
        clock.shift(timedelta(hours=-11))
        assert client.get("/my/profile").status_code == 200
        clock.shift(timedelta(hours=12, seconds=1))
        assert client.get("/my/profile").status_code == 302


@pytest.mark.parametrize("step", [timedelta(seconds=1), timedelta(seconds=30), timedelta(minutes=4, seconds=59)])
def test_a_clock_set_back_signs_nobody_out_and_no_form_is_lost_by_it(client, make_person, sign_in, step: timedelta) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        sign_in(client, make_person().email)
        clock.shift(-step)
        assert client.post("/my/profile", data={"name": "Ada L.", "language": "en", "timezone": "UTC"}).status_code == 302
        clock.shift(timedelta(minutes=6))
        assert "Ada L." in client.get("/my/profile").text


def test_who_asked_to_be_remembered_is_for_the_days_that_were_promised(app, client, make_person, sign_in) -> None:
    user = make_person()
    assert "for 30 days" in client.get("/login").text
    with time_machine.travel(now(), tick=False) as clock:
        sign_in(client, user.email, remember="y")
        stolen = copies(client)
        clock.shift(timedelta(days=29, hours=23))
        assert replay(app, stolen) == 200
        clock.shift(timedelta(hours=2))
        assert replay(app, stolen) == 302


def test_a_signed_in_page_reads_session_and_account_in_one_statement_and_seldom_writes(client, make_person, sign_in) -> None:
    user = make_person()
    with time_machine.travel(now(), tick=False) as clock:
        sign_in(client, user.email)
        client.get("/my/profile")
        with counted() as statements:
            client.get("/my/profile")
        assert len([s for s in statements if "from sessions" in s.lower()]) == 1
        assert not [s for s in statements if s.lower().startswith("update")]
        clock.shift(timedelta(minutes=6))
        client.get("/my/profile")
        assert rows(user)[0].last_seen_at == now()


def test_visitors_get_no_row(client) -> None:
    for path in ("/", "/catalog", "/login", "/register"):
        client.get(path)
    assert db.session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_own_sessions_are_listed_with_what_their_owner_knows_them_by(app, client, make_person, sign_in) -> None:
    user, other = make_person(), make_person()
    firefox = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    data = {"email": user.email, "password": "a short sentence of mine"}
    app.test_client().post("/login", data=data, headers=firefox, environ_base={"REMOTE_ADDR": "203.0.113.77"})
    sign_in(app.test_client(), other.email)
    sign_in(client, user.email)
    page = client.get("/my/sessions").text
    assert "Firefox on Linux" in page
    assert "203.0.x.x" in page
    assert "203.0.113" not in page
    assert page.count("This device") == 1
    assert page.count('aria-label="Sign out') == 2


def test_sessions_are_ended_one_by_one(app, client, make_person, sign_in) -> None:
    user = make_person()
    there, elsewhere = app.test_client(), app.test_client()
    for browser in (there, elsewhere, client):
        sign_in(browser, user.email, remember="y")
    first = rows(user)[0].id
    assert client.post(f"/my/sessions/{first}/end").location == "/my/sessions"
    assert there.get("/my/profile").status_code == 302
    assert elsewhere.get("/my/profile").status_code == 200
    assert client.post(f"/my/sessions/{first}/end").status_code == 404


def test_ending_this_session_signs_out(client, make_person, sign_in) -> None:
    user = make_person()
    sign_in(client, user.email, remember="y")
    assert client.post(f"/my/sessions/{rows(user)[0].id}/end").location == "/"
    assert client.get("/my/profile").status_code == 302
    assert client.get_cookie("remember_token") is None


def test_nobody_ends_sessions_of_others(app, client, make_person, sign_in) -> None:
    ada, eve = make_person(), make_person()
    there = app.test_client()
    sign_in(there, ada.email)
    sign_in(client, eve.email)
    assert client.post(f"/my/sessions/{rows(ada)[0].id}/end").status_code == 404
    assert there.get("/my/profile").status_code == 200


def test_sessions_of_long_ago_are_let_go(client, make_person, sign_in) -> None:
    user = make_person()
    with time_machine.travel(now() - timedelta(days=40), tick=False):
        sign_in(client, user.email)
    client.delete_cookie("session")
    with time_machine.travel(now() - timedelta(days=2), tick=False):
        sign_in(client, user.email)
        client.post("/logout")
    sign_in(client, user.email)
    assert prune_records() == 1
    assert len(rows(user)) == 2
