"""A run is written down from begin to end, runs once at a time, and is not believed alive when its process is dead."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import NoReturn

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.waiting import until
from tests.webapp.at_once import done_at_once
from tests.webapp.jobs.conftest import stored
from tests.webapp.jobs.probe_job import said
from webapp.extensions import db
from webapp.jobs.heartbeat import Heartbeat, RunStopped, StopReason
from webapp.jobs.runners import JobFailed
from webapp.jobs.runs import enqueue, execute
from webapp.models.operations import JobRun, RunStatus
from webapp.queries.job_runs import active_run, latest_run, latest_runs, recent_runs
from webapp.registries.jobs import JOBS
from webapp.registries.run_messages import RunMessage
from webapp.services.errors import Conflict, NotFound
from webapp.services.job_runs import ask_to_stop, begin_and_get_run, fail_run, reap_runs
from webapp.support.clock import now
from webapp.transactions import unit_of_work
from webapp.wording.jobs import run_sentence


def _run(run_id: int) -> JobRun:
    db.session.expire_all()
    return stored(run_id)


def _work_until_stopped(report: Callable[[float, RunMessage], None]) -> NoReturn:
    until(lambda: report(0.5, said("still here")), "the run to be stopped")
    raise AssertionError("`report` says nothing")


@pytest.fixture(autouse=True)
def _declared(job) -> None:
    """The job `probe` is declared in each of these tests."""


def test_a_run_that_succeeds_says_so(separate_app: Flask, job) -> None:
    job(lambda _context: said("Did it."))
    run_id = enqueue("probe", "command")
    assert execute(separate_app, run_id) is RunStatus.SUCCEEDED
    run = _run(run_id)
    assert (run.status, run_sentence(run.message), run.progress, run.error) == (RunStatus.SUCCEEDED, "Did it.", 1.0, None)
    assert run.finished_at is not None
    assert run.pid is not None


def test_a_run_that_breaks_keeps_the_error(separate_app: Flask, job) -> None:
    def fail(_context) -> str:
        raise ZeroDivisionError("of all things")

    job(fail)
    run_id = enqueue("probe", "command")
    assert execute(separate_app, run_id) is RunStatus.FAILED
    run = _run(run_id)
    assert run_sentence(run.message) == "ZeroDivisionError: of all things"
    assert "Traceback" in (run.error or "")


def test_what_a_broken_job_had_not_committed_is_rolled_back(separate_app: Flask, job) -> None:
    def fail(_context) -> str:
        with unit_of_work():
            db.session.add(JobRun(job_id="other", trigger="command"))
            db.session.flush()
            raise JobFailed(said("Not today."))

    job(fail)
    run_id = enqueue("probe", "command")
    execute(separate_app, run_id)
    assert run_sentence(_run(run_id).message) == "Not today."
    assert latest_run("other") is None


def test_progress_can_be_followed_while_it_runs(separate_app: Flask, job) -> None:
    def work(context) -> str:
        context.report(0.4, said("half way, nearly"))
        run = until(lambda: (seen := _run(context.run_id)).progress and seen, "progress to be written")
        assert (run.status, run.progress, run_sentence(run.message)) == (RunStatus.RUNNING, 0.4, "half way, nearly")
        return said("Seen.")

    job(work)
    run_id = enqueue("probe", "command")
    execute(separate_app, run_id)
    run = _run(run_id)
    assert run_sentence(run.message) == "Seen.", run.error


def test_a_second_run_is_refused_while_one_is_queued_or_running(separate_app: Flask) -> None:
    run_id = enqueue("probe", "command")
    for _ in range(2):
        with pytest.raises(Conflict):
            enqueue("probe", "command")
        with unit_of_work():
            if active_run("probe").status is RunStatus.QUEUED:
                begin_and_get_run(run_id)
    enqueue("recount", "command")
    with unit_of_work():
        fail_run(run_id, said("over"), "over")
    enqueue("probe", "command")


def test_of_two_workers_that_claim_at_once_one_wins(separate_app: Flask) -> None:
    assert done_at_once(separate_app, [lambda: enqueue("probe", "command")] * 4, refused=Conflict) == 1


def test_the_run_of_a_dead_process_is_marked_failed_and_makes_room(separate_app: Flask) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    run_id = enqueue("probe", "command")
    with unit_of_work():
        begin_and_get_run(run_id)
        run = db.session.get_one(JobRun, run_id)
        run.pid, run.process_birth = process.pid, None
    enqueue("probe", "command")
    assert _run(run_id).status is RunStatus.FAILED


def test_a_run_elsewhere_is_given_up_when_its_heartbeat_stops(separate_app: Flask) -> None:
    run_id = enqueue("probe", "command")
    with unit_of_work():
        begin_and_get_run(run_id)
        run = db.session.get_one(JobRun, run_id)
        run.host, run.heartbeat_at = "another-machine", now() - timedelta(minutes=2)  # its clock may be behind
        heard = run.heartbeat_at
    with time_machine.travel(heard + timedelta(minutes=4), tick=False), unit_of_work():
        assert reap_runs() == 0
    with unit_of_work():
        db.session.get_one(JobRun, run_id).heartbeat_at = now() - timedelta(minutes=6)
    with unit_of_work():
        assert reap_runs() == 1
    assert _run(run_id).status is RunStatus.FAILED


def test_a_run_taken_up_once_cannot_be_taken_up_again(separate_app: Flask, job) -> None:
    job(lambda _context: said("Did it."))
    run_id = enqueue("probe", "command")
    execute(separate_app, run_id)
    with pytest.raises(NotFound):
        execute(separate_app, run_id)


def test_work_stops_when_its_run_was_given_up(separate_app: Flask) -> None:
    run_id = enqueue("probe", "command")
    with unit_of_work():
        fail_run(run_id, said("given up"), "given up")

    with Heartbeat(separate_app, run_id, JOBS["probe"], seconds=0.05) as heartbeat, pytest.raises(RunStopped) as stopped:
        _work_until_stopped(heartbeat.report)
    assert stopped.value.reason is StopReason.LOST


def test_a_run_of_a_job_that_is_not_declared_is_neither_queued_nor_done(separate_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        enqueue("dishes", "command")
    run_id = enqueue("probe", "command")
    monkeypatch.delitem(JOBS, "probe")
    assert execute(separate_app, run_id) is RunStatus.FAILED
    assert "no job probe" in run_sentence(_run(run_id).message)


def test_work_that_reports_stops_when_it_is_asked_to(separate_app: Flask, job) -> None:
    def work(context) -> NoReturn:
        with unit_of_work():
            ask_to_stop(db.session.get_one(JobRun, context.run_id))
        _work_until_stopped(context.report)

    job(work)
    run_id = enqueue("probe", "command")
    assert execute(separate_app, run_id) is RunStatus.CANCELLED
    run = _run(run_id)
    assert (run.status, run.error) == (RunStatus.CANCELLED, None)
    assert run.finished_at is not None
    enqueue("probe", "command")


def test_a_job_that_takes_longer_than_it_may_fails(separate_app: Flask, job) -> None:
    job(lambda context: _work_until_stopped(context.report), deadline=timedelta(seconds=0.3))
    run_id = enqueue("probe", "command")
    assert execute(separate_app, run_id) is RunStatus.FAILED
    run = _run(run_id)
    assert "longer than" in run_sentence(run.message)
    assert run.deadline_at is not None


def test_work_in_a_shared_process_that_does_not_answer_is_written_off(separate_app: Flask, job) -> None:
    def work(context) -> str:
        until(lambda: _run(context.run_id).status is RunStatus.FAILED, "the run to be written off")
        return said("Done all the same.")

    job(work, deadline=timedelta(seconds=0.2), grace=timedelta(seconds=0.1))
    run_id = enqueue("probe", "command")
    execute(separate_app, run_id)
    assert (_run(run_id).status, "longer than" in run_sentence(_run(run_id).message)) == (RunStatus.FAILED, True)


def test_a_queued_run_is_cancelled_at_once_and_not_taken_up(separate_app: Flask) -> None:
    run_id = enqueue("probe", "command")
    with unit_of_work():
        ask_to_stop(db.session.get_one(JobRun, run_id))
    assert _run(run_id).status is RunStatus.CANCELLED
    with pytest.raises(NotFound):
        execute(separate_app, run_id)
    with pytest.raises(Conflict), unit_of_work():
        ask_to_stop(db.session.get_one(JobRun, run_id))


def test_a_job_is_given_its_parameters(separate_app: Flask, job) -> None:
    job(lambda context: said(f"Counted {context.params['table']}."))
    run_id = enqueue("probe", "command", params={"table": "courses"})
    execute(separate_app, run_id)
    assert run_sentence(_run(run_id).message) == "Counted courses."


def test_another_process_of_the_same_number_is_not_taken_for_the_run(separate_app: Flask) -> None:
    run_id = enqueue("probe", "command")
    with unit_of_work():
        begin_and_get_run(run_id)
    with unit_of_work():
        assert reap_runs() == 0
        db.session.get_one(JobRun, run_id).process_birth = 1
    with unit_of_work():
        assert reap_runs() == 1


def test_runs_are_listed_newest_first(separate_app: Flask, job) -> None:
    job(lambda _context: said("Did it."))
    ids = []
    for _ in range(3):
        ids.append(enqueue("probe", "command"))
        execute(separate_app, ids[-1])
    assert [run.id for run in recent_runs(2)] == ids[:0:-1]
    assert latest_runs()["probe"].id == ids[-1]
    assert len(db.session.scalars(select(JobRun)).all()) == 3
