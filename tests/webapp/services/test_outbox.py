"""Mail is kept with what it speaks of, and goes out once, whatever becomes of servers and senders."""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask_mailman import DNS_NAME
from sqlalchemy import select
from structlog.testing import capture_logs

from tests.factories import make_user
from tests.mail_server import MailServer, Mood, serving
from tests.processes import started
from tests.waiting import until
from tests.webapp.at_once import done_at_once
from webapp.config import ROOT
from webapp.extensions import db
from webapp.models.outbox import OutboxMail
from webapp.policies import Person
from webapp.services.errors import Invalid
from webapp.services.mail import post_mail
from webapp.services.outbox import LEASE, SendOutcome, send_one_mail
from webapp.services.passwords import hash_password
from webapp.services.privacy import erase_account
from webapp.support.clock import now
from webapp.transactions import savepoint, unit_of_work
from webapp.web.service_refusals import accepts

ADDRESS = "person@example.com"
SECRET = "https://example.com/reset/a-secret-way-in"


@pytest.fixture
def server(committing_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    monkeypatch.setattr(DNS_NAME, "_fqdn", "localhost", raising=False)  # no look-up of this machine's name
    with serving(committing_app) as server:
        yield server


def rows() -> list[OutboxMail]:
    with unit_of_work(writes=False):
        return list(db.session.scalars(select(OutboxMail).order_by(OutboxMail.id), execution_options={"populate_existing": True}))


def post_and_raise(subject: str, error: Exception) -> None:
    post_mail(ADDRESS, subject, "words")
    raise error


def wait_in_outbox(*subjects: str, **columns: object) -> None:
    """Mail whose first attempt never came, as after a crash."""
    with unit_of_work():
        for subject in subjects:
            row = {"key": f"key-{subject}", "recipient": ADDRESS, "subject": subject, "body": SECRET}
            db.session.add(OutboxMail(**(row | columns)))


def test_mail_goes_out_with_what_it_speaks_of_and_leaves_no_words_behind(committing_app: Flask, server: MailServer) -> None:
    with unit_of_work():
        post_mail(ADDRESS, "Your way back", f"Here: {SECRET}\n", "Us <us@example.org>")
        assert server.taken == []
    until(lambda: rows()[0].closed_at, "the mail to be sent")
    (message,) = server.taken
    assert (message["To"], message["From"], message["Subject"]) == (ADDRESS, "Us <us@example.org>", "Your way back")
    assert SECRET in str(message.get_payload())
    (row,) = rows()
    assert (row.recipient, row.sender, row.subject, row.body, row.error, row.attempts) == ("", "", "", "", "", 1)
    assert ADDRESS not in row.key


def test_mail_goes_to_the_very_domain_of_its_address(committing_app: Flask, server: MailServer) -> None:
    with unit_of_work():
        post_mail("ada@stra\u00dfe.example", "Your way back", "Here")
    until(lambda: rows()[0].closed_at, "the mail to be sent")
    assert [message["To"] for message in server.taken] == ["ada@xn--strae-oqa.example"]


def test_what_is_refused_or_fails_mails_nothing(committing_app: Flask) -> None:
    sent = committing_app.extensions["mailman"].outbox = []
    with committing_app.test_request_context(), unit_of_work():
        with accepts():
            post_and_raise("refused", Invalid("Not like this."))
        with pytest.raises(Invalid), savepoint():
            post_and_raise("refused too", Invalid("Nor like that."))
        post_mail(ADDRESS, "kept", "words")
    with pytest.raises(ZeroDivisionError), unit_of_work():
        post_and_raise("broken", ZeroDivisionError())
    assert [message.subject for message in sent] == ["kept"]
    assert [row.attempts for row in rows()] == [1]


def test_a_repeat_under_the_same_key_is_not_sent(committing_app: Flask) -> None:
    sent = committing_app.extensions["mailman"].outbox = []
    for key in ("confirm:7", "confirm:7", "confirm:8", None, None):
        with unit_of_work():
            post_mail(ADDRESS, f"of {key}", "words", key=key)
    assert [message.subject for message in sent] == ["of confirm:7", "of confirm:8", "of None", "of None"]


def test_a_subject_of_several_lines_or_too_long_is_sent_all_the_same(committing_app: Flask) -> None:
    sent = committing_app.extensions["mailman"].outbox = []
    with unit_of_work():
        post_mail(ADDRESS, "New:\r\nBcc: other@example.com " + "long " * 99, "words")
    assert sent[0].subject.startswith("New: Bcc: other@example.com long")
    assert sent[0].bcc == []


def test_a_server_that_fails_is_asked_later_and_later_with_the_same_message(committing_app: Flask, server: MailServer) -> None:
    server.mood = Mood.REFUSE
    wait_in_outbox("patience")
    waits = []
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(3):
            assert send_one_mail() is SendOutcome.PUT_OFF
            waits.append(rows()[0].not_before - now())
            assert send_one_mail() is None
            clock.shift(waits[-1])
        server.mood = Mood.TAKE
        assert send_one_mail() is SendOutcome.SENT
    assert waits == sorted(set(waits))
    assert server.subjects() == ["patience"]
    assert len({message["Message-ID"] for message in [*server.refused, *server.taken]}) == 1


def test_a_server_that_is_not_there_keeps_the_mail_waiting(committing_app: Flask, server: MailServer) -> None:
    committing_app.extensions["mailman"].port = 1
    with unit_of_work():
        post_mail(ADDRESS, "later", "words")
    until(lambda: rows()[0].error, "the first attempt")
    assert (rows()[0].closed_at, rows()[0].recipient) == (None, ADDRESS)
    committing_app.extensions["mailman"].port = server.port
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert send_one_mail() is SendOutcome.SENT
    assert server.subjects() == ["later"]


def test_after_a_day_it_is_given_up_said_so_and_blanked(committing_app: Flask, server: MailServer) -> None:
    server.mood = Mood.REFUSE
    wait_in_outbox("in vain")
    with time_machine.travel(began := now(), tick=False) as clock, capture_logs() as logs:
        while (outcome := send_one_mail()) is SendOutcome.PUT_OFF:
            clock.move_to(rows()[0].not_before)
        assert outcome is SendOutcome.GIVEN_UP
        assert timedelta(hours=23) < now() - began <= timedelta(hours=24)
        clock.shift(timedelta(days=2))
        assert send_one_mail() is None
    (row,) = rows()
    assert (row.recipient, row.subject, row.body, row.error) == ("", "", "", "SMTPDataError 451")
    assert [entry["log_level"] for entry in logs if entry["event"] == "mail_given_up"] == ["error"]
    assert ADDRESS not in str(logs) + row.error


def test_a_mail_that_ends_its_senders_is_given_up(committing_app: Flask, server: MailServer) -> None:
    wait_in_outbox("poison", attempts=7)
    assert send_one_mail() is SendOutcome.GIVEN_UP
    assert server.taken == []


def test_the_oldest_goes_first_and_one_that_fails_holds_no_other_up(committing_app: Flask, server: MailServer) -> None:
    wait_in_outbox("first")
    wait_in_outbox("later", not_before=now() + timedelta(hours=1))
    wait_in_outbox("second", "third")
    server.mood = Mood.REFUSE
    send_one_mail()
    server.mood = Mood.TAKE
    assert [send_one_mail() for _ in range(3)] == [SendOutcome.SENT, SendOutcome.SENT, None]
    with time_machine.travel(now() + timedelta(minutes=2)):
        send_one_mail()
    assert server.subjects() == ["second", "third", "first"]


def test_a_wait_from_a_clock_that_was_wrong_holds_nothing_up(committing_app: Flask, server: MailServer) -> None:
    wait_in_outbox("from the future", not_before=now() + timedelta(days=2000))
    assert send_one_mail() is SendOutcome.SENT


def test_a_mail_from_a_clock_ahead_is_tried_at_once_and_then_waits_like_any(committing_app: Flask, server: MailServer) -> None:
    ahead = now() + timedelta(hours=3)
    wait_in_outbox("from the future", created_at=ahead, not_before=ahead)
    server.mood = Mood.REFUSE
    assert [send_one_mail(), send_one_mail()] == [SendOutcome.PUT_OFF, None]
    server.mood = Mood.TAKE
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert [send_one_mail(), send_one_mail()] == [SendOutcome.SENT, None]


def test_of_senders_that_race_each_mail_has_one(committing_app: Flask, server: MailServer) -> None:
    subjects = [f"mail {number}" for number in range(12)]
    wait_in_outbox(*subjects)

    def send_all() -> None:
        while send_one_mail() is not None:
            pass

    assert done_at_once(committing_app, [send_all] * 4) == 4
    while send_one_mail() is not None:  # a sender that found the last row taken by another may leave before it
        pass
    assert Counter(server.subjects()) == Counter(subjects)
    assert {row.attempts for row in rows()} == {1}


def test_what_a_killed_sender_had_taken_is_sent_once_by_a_later_one(committing_app: Flask, server: MailServer, tmp_path: Path) -> None:
    server.mood = Mood.HANG
    wait_in_outbox("survivor")
    url = committing_app.extensions["settings"].database_url
    command = [sys.executable, "-m", "tests.webapp.services.mail_sender", url, str(tmp_path / "instance"), str(server.port)]
    with started(command, cwd=ROOT) as process:
        until(lambda: server.asked.is_set() or process.poll() is not None, "the sender to reach the server")
        assert process.poll() is None
    server.mood = Mood.TAKE
    assert send_one_mail() is None
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)):
        assert [send_one_mail(), send_one_mail()] == [SendOutcome.SENT, None]
    assert server.subjects() == ["survivor"]


def test_who_is_erased_gets_the_farewell_and_no_other_mail(committing_app: Flask, server: MailServer) -> None:
    state = committing_app.extensions["mailman"]
    state.port = 1
    with unit_of_work():
        user = make_user(email="quackenbush@example.com", password=hash_password("a short sentence of mine"))
    wait_in_outbox("about the account", user_id=user.id, recipient=user.email)
    with unit_of_work():
        erase_account(Person.of(user), "a short sentence of mine")
    until(lambda: rows()[-1].error, "the first attempt")
    state.port = server.port
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert [send_one_mail(), send_one_mail()] == [SendOutcome.SENT, None]
    (message,) = server.taken
    assert (message["To"], message["Subject"]) == ("quackenbush@example.com", "Your Waymark account has been deleted")
    assert {row.recipient for row in rows()} == {""}
    db.session.remove()
    files = Path(db.engine.url.database or "").parent.glob("own.db*")  # none where the database is a server
    assert [path.name for path in files if b"quackenbush" in path.read_bytes()] == []
