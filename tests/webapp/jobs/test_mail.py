"""The job that sends waiting mail runs when there is some, and says what became of it."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.waiting import until
from tests.webapp.jobs.conftest import stored
from webapp.extensions import db
from webapp.jobs.runs import enqueue, execute
from webapp.jobs.scheduler import SchedulerKeeper
from webapp.models.operations import JobRun, RunStatus
from webapp.models.outbox import OutboxMail
from webapp.registries.jobs import JOBS, MAIL
from webapp.services.outbox import WAITS
from webapp.support.clock import now
from webapp.transactions import unit_of_work
from webapp.wording.jobs import run_sentence


def wait_in_outbox(**columns: object) -> None:
    with unit_of_work():
        db.session.add(OutboxMail(**({"key": "a key", "recipient": "a@example.com", "subject": "Here", "body": "words"} | columns)))


def runs() -> list[JobRun]:
    with unit_of_work(writes=False):
        return list(db.session.scalars(select(JobRun).order_by(JobRun.id), execution_options={"populate_existing": True}))


def test_it_says_what_was_sent_put_off_and_given_up(separate_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = separate_app.extensions["mailman"].outbox = []
    wait_in_outbox(key="fine")
    wait_in_outbox(key="broken", sender="two\nlines")
    wait_in_outbox(key="hopeless", sender="two\nlines", attempts=len(WAITS))
    run_id = enqueue(MAIL, "command")
    assert execute(separate_app, run_id) is RunStatus.SUCCEEDED
    assert run_sentence(stored(run_id).message) == "Mails sent: 1, put off: 1, given up: 1."
    assert [message.subject for message in sent] == ["Here"]


def test_it_begins_when_mail_is_due_and_not_without(separate_app: Flask) -> None:
    sent = separate_app.extensions["mailman"].outbox = []
    keeper = SchedulerKeeper(separate_app, specs={MAIL: JOBS[MAIL]})
    try:
        keeper._run_once()
        until(lambda: keeper.planned() == {}, "the first moment")
        wait_in_outbox(not_before=now() + timedelta(hours=1))
        keeper._run_once()
        until(lambda: keeper.planned() == {}, "the second moment")
        keeper._step_down()  # what had begun has ended
        assert runs() == []
        with time_machine.travel(now() + timedelta(hours=2)):
            keeper._run_once()
            until(lambda: [run.status for run in runs()] == [RunStatus.SUCCEEDED], "the mail to be sent")
    finally:
        keeper._step_down()
    assert len(sent) == 1
