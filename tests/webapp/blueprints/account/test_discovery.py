"""Nothing a stranger can do tells whether an address has an account: the whole way is the same, not only the first answer."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.webapp.blueprints.account.conftest import PASSWORD, text_without_own_words
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.outbox import OutboxMail
from webapp.models.user import User

PHRASE = "an unusual phrase of Eve"
KNOWN, UNKNOWN, WAITING, SUSPENDED = "known@example.com", "unknown@example.com", "waiting@example.com", "gone@example.com"
ALL = (KNOWN, UNKNOWN, WAITING, SUSPENDED)


@pytest.fixture
def people(make_person, outbox) -> dict[str, User]:
    return {
        KNOWN: make_person(email=KNOWN, name="Owner"),
        WAITING: make_person(email=WAITING, confirmed_at=None),
        SUSPENDED: make_person(email=SUSPENDED, active=False),
    }


def walk(client: FlaskClient, email: str) -> list[tuple[int, str | None, str]]:
    """Everything a stranger sees who registers with an address, comes back, asks for mails, and looks around."""
    forms = [
        ("/register", {"name": "Eve", "email": email, "password": PHRASE}),
        ("/my/profile", None),
        ("/my/privacy", None),
        ("/my/sessions", None),
        ("/confirm", {"email": email}),
        ("/logout", {}),
        ("/login", {"email": email, "password": "not mine at all"}),
        ("/login", {"email": email.upper(), "password": PHRASE}),
        ("/my/profile", None),
        ("/my/profile/password", {"password": PHRASE, "new_password": "another phrase of Eve"}),
        ("/logout", {}),
        ("/reset", {"email": email}),
        ("/confirm", {"email": email}),
        ("/register", {"name": "Eve", "email": email, "password": PHRASE}),
    ]
    answers = [client.get(path) if data is None else client.post(path, data=data) for path, data in forms]
    return [(answer.status_code, answer.location, neutral(text_without_own_words(answer, email, email.upper()))) for answer in answers]


def neutral(text: str) -> str:
    return re.sub(r'datetime="[^"]*"|/sessions/\d+|\d\d:\d\d UTC', "", text)


def test_the_whole_way_is_the_same(app: Flask, people) -> None:
    reference = walk(app.test_client(), UNKNOWN)
    assert [status for status, _location, _text in reference] == [302, 200, 200, 200, 200, 302, 200, 302, 200, 302, 302, 200, 200, 302]
    for email in (KNOWN, WAITING, SUSPENDED):
        for step, (expected, got) in enumerate(zip(reference, walk(app.test_client(), email), strict=True)):
            assert got == expected, (email, step)


def test_registering_does_the_same_work_for_both(app: Flask, people) -> None:
    seen = []
    for email in (UNKNOWN, KNOWN):
        with counted() as statements:
            app.test_client().post("/register", data={"name": "Eve", "email": email, "password": PHRASE})
        seen.append(len(statements))
    assert abs(seen[0] - seen[1]) <= 1


@pytest.mark.parametrize("path", ["/reset", "/confirm"])
def test_asking_for_a_link_waits_for_the_disk_whether_or_not_there_is_an_account(app: Flask, people, outbox, path: str) -> None:
    for email in ALL:
        with counted() as statements:
            app.test_client().post(path, data={"email": email})
        assert [s for s in statements if s.lower().startswith("insert into outbox")], email
    assert {row for row in db.session.execute(select(OutboxMail.recipient, OutboxMail.body, OutboxMail.closed_at.is_(None)))} == {
        ("", "", False)
    }


def test_a_wrong_password_costs_the_same_number_of_hashes(app: Flask, people, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time itself is noise here; what takes the time is counted."""
    counts = []
    for email in ALL:
        calls: list[int] = []
        _count_hashes(monkeypatch, calls)
        app.test_client().post("/login", data={"email": email, "password": "not mine at all"})
        monkeypatch.undo()
        counts.append(len(calls))
    assert counts == [2, 2, 2, 2]


def _count_hashes(monkeypatch: pytest.MonkeyPatch, calls: list[int]) -> None:
    import argon2.low_level as low_level

    for name in ("hash_secret", "verify_secret"):
        original = getattr(low_level, name)

        def counting(*args: object, _original=original, **more: object) -> object:
            calls.append(1)
            return _original(*args, **more)

        monkeypatch.setattr(low_level, name, counting)


def test_the_owner_keeps_everything_and_is_told(app: Flask, people, sign_in, outbox) -> None:
    owner = people[KNOWN]
    stranger = app.test_client()
    stranger.post("/register", data={"name": "Eve", "email": KNOWN, "password": PHRASE})
    assert [message.to for message in outbox] == [[KNOWN]]
    assert "There is an account with it already" in outbox[0].body
    assert "/confirm/" not in outbox[0].body
    client = app.test_client()
    assert sign_in(client, KNOWN, PASSWORD).status_code == 302
    assert "Owner" in client.get("/my/profile").text
    assert client.post(outbox.link("/reset/"), data={"password": "another sentence of mine"}).status_code == 302
    db.session.expire_all()
    eve = db.session.scalar(select(User).where(User.email == KNOWN, User.name == "Eve"))
    assert (eve.id == owner.id, eve.confirmed_at) == (False, None)
    assert sign_in(app.test_client(), KNOWN, PHRASE).status_code == 302
    assert sign_in(app.test_client(), KNOWN, "another sentence of mine").status_code == 302


def test_who_waits_for_an_address_gets_no_mail_of_its_owner_and_the_owner_none_of_theirs(app: Flask, people, outbox) -> None:
    stranger = app.test_client()
    stranger.post("/register", data={"name": "Eve", "email": KNOWN, "password": PHRASE})
    stranger.post("/my/profile/password", data={"password": PHRASE, "new_password": "another phrase of Eve"})
    stranger.post("/my/privacy/delete", data={"password": "another phrase of Eve"})
    assert [message.subject for message in outbox] == ["Welcome to Waymark: please confirm your address"]


def test_the_first_to_follow_a_link_has_the_address(app: Flask, client, outbox, sign_in) -> None:
    first, second = app.test_client(), app.test_client()
    first.post("/register", data={"name": "First", "email": UNKNOWN, "password": PHRASE})
    second.post("/register", data={"name": "Second", "email": UNKNOWN, "password": PASSWORD})
    links = [re.search(r"/confirm/\S+", message.body)[0] for message in outbox]
    assert second.post(links[1]).status_code == 302
    late = first.post(links[0], follow_redirects=True)
    assert "confirmed for another account of yours" in client.get(links[0], follow_redirects=True).text + late.text
    db.session.expire_all()
    assert [u.name for u in db.session.scalars(select(User).where(User.confirmed_at.is_not(None)))] == ["Second"]
    assert sign_in(app.test_client(), UNKNOWN, PHRASE).status_code == 302


def test_who_registered_first_gets_in_however_many_register_after(app: Flask, outbox, sign_in) -> None:
    for n in range(4):
        data = {"name": f"Person {n}", "email": UNKNOWN, "password": f"phrase of nobody else {n}"}
        assert app.test_client().post("/register", data=data).location == "/welcome"
    assert sign_in(app.test_client(), UNKNOWN, "phrase of nobody else 0").status_code == 302
