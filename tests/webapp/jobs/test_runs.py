"""A run is written down from begin to end, runs once at a time, and is not believed alive when its process is dead."""

import subprocess
import sys
import threading
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.waiting import until
from webapp.extensions import db
from webapp.jobs import registry
from webapp.jobs.registry import Job, JobFailed, Nightly
from webapp.jobs.runs import Heartbeat, RunLost, claim, execute
from webapp.models import JobRun, RunStatus
from webapp.queries.job_runs import active_run, latest_run, latest_runs, recent_runs
from webapp.services.errors import Conflict, NotFound
from webapp.services.job_runs import begin_run, fail_run, reap_runs
from webapp.support.clock import now
from webapp.transactions import unit_of_work


def _run(run_id: int) -> JobRun:
    db.session.expire_all()
    run = db.session.get_one(JobRun, run_id)
    db.session.rollback()
    return run


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch):
    """Declares a job that does what the test says."""

    def declare(run) -> None:
        declared = Job("probe", "Probe", run, lambda _settings: Nightly(1))
        monkeypatch.setattr("webapp.jobs.runs.JOBS", {**registry.JOBS, "probe": declared})

    return declare


def test_a_run_that_succeeds_says_so(separate_app: Flask, job) -> None:
    job(lambda _context: "Did it.")
    run_id = claim("probe", "command")
    assert execute(separate_app, run_id) is RunStatus.SUCCEEDED
    run = _run(run_id)
    assert (run.status, run.message, run.progress, run.error) == (RunStatus.SUCCEEDED, "Did it.", 1.0, None)
    assert run.finished_at is not None
    assert run.pid is not None


def test_a_run_that_breaks_keeps_the_error(separate_app: Flask, job) -> None:
    def fail(_context) -> str:
        raise ZeroDivisionError("of all things")

    job(fail)
    run_id = claim("probe", "command")
    assert execute(separate_app, run_id) is RunStatus.FAILED
    run = _run(run_id)
    assert run.message == "ZeroDivisionError: of all things"
    assert "Traceback" in (run.error or "")


def test_what_a_broken_job_had_not_committed_is_rolled_back(separate_app: Flask, job) -> None:
    def fail(_context) -> str:
        with unit_of_work():
            db.session.add(JobRun(job_id="other", trigger="command"))
            db.session.flush()
            raise JobFailed("Not today.")

    job(fail)
    run_id = claim("probe", "command")
    execute(separate_app, run_id)
    assert _run(run_id).message == "Not today."
    assert latest_run("other") is None


def test_progress_can_be_followed_while_it_runs(separate_app: Flask, job) -> None:
    def work(context) -> str:
        context.report(0.4, "half way, nearly")
        run = until(lambda: (seen := _run(context.run_id)).progress and seen, "progress to be written")
        assert (run.status, run.progress, run.message) == (RunStatus.RUNNING, 0.4, "half way, nearly")
        return "Seen."

    job(work)
    run_id = claim("probe", "command")
    execute(separate_app, run_id)
    run = _run(run_id)
    assert run.message == "Seen.", run.error


def test_a_second_run_is_refused_while_one_is_queued_or_running(separate_app: Flask) -> None:
    run_id = claim("probe", "command")
    for _ in range(2):
        with pytest.raises(Conflict):
            claim("probe", "command")
        with unit_of_work():
            if active_run("probe").status is RunStatus.QUEUED:
                begin_run(run_id)
    claim("another", "command")
    with unit_of_work():
        fail_run(run_id, "over", "over")
    claim("probe", "command")


def test_of_two_workers_that_claim_at_once_one_wins(separate_app: Flask) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def contend() -> None:
        with separate_app.app_context():
            start.wait()
            try:
                claim("probe", "command")
                outcomes.append("won")
            except Conflict:
                outcomes.append("refused")
            db.session.remove()

    threads = [threading.Thread(target=contend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "refused", "won"]


def test_the_run_of_a_dead_process_is_marked_failed_and_makes_room(separate_app: Flask) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    run_id = claim("probe", "command")
    with unit_of_work():
        begin_run(run_id)
        db.session.get_one(JobRun, run_id).pid = process.pid
    claim("probe", "command")
    assert _run(run_id).status is RunStatus.FAILED


def test_a_run_elsewhere_is_given_up_when_its_heartbeat_stops(separate_app: Flask) -> None:
    run_id = claim("probe", "command")
    with unit_of_work():
        begin_run(run_id)
        run = db.session.get_one(JobRun, run_id)
        run.host, run.heartbeat_at = "another-machine", now() - timedelta(seconds=30)
        heard = run.heartbeat_at
    with time_machine.travel(heard + timedelta(seconds=30), tick=False), unit_of_work():
        assert reap_runs() == 0
    with unit_of_work():
        db.session.get_one(JobRun, run_id).heartbeat_at = now() - timedelta(minutes=5)
    with unit_of_work():
        assert reap_runs() == 1
    assert _run(run_id).status is RunStatus.FAILED


def test_a_run_taken_up_once_cannot_be_taken_up_again(separate_app: Flask, job) -> None:
    job(lambda _context: "Did it.")
    run_id = claim("probe", "command")
    execute(separate_app, run_id)
    with pytest.raises(NotFound):
        execute(separate_app, run_id)


def test_work_stops_when_its_run_was_given_up(separate_app: Flask) -> None:
    run_id = claim("probe", "command")
    with unit_of_work():
        fail_run(run_id, "given up", "given up")

    with Heartbeat(separate_app, run_id, seconds=0.05) as heartbeat, pytest.raises(RunLost):
        until(lambda: heartbeat.report(0.5, "still here"), "the work to be stopped")


def test_runs_are_listed_newest_first(separate_app: Flask, job) -> None:
    job(lambda _context: "Did it.")
    ids = []
    for _ in range(3):
        ids.append(claim("probe", "command"))
        execute(separate_app, ids[-1])
    assert [run.id for run in recent_runs(2)] == ids[:0:-1]
    assert latest_runs()["probe"].id == ids[-1]
    assert len(db.session.scalars(select(JobRun)).all()) == 3
