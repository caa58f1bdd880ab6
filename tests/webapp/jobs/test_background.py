"""Declared jobs in processes of their own: started, cancelled, late, killed, frozen; nothing of them is left."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.waiting import until
from tests.webapp.jobs.conftest import Declare, stored
from tests.webapp.jobs.probe_job import PROBE
from webapp.background import is_running, process_birth, start_run
from webapp.extensions import db
from webapp.jobs.runs import enqueue
from webapp.jobs.supervision import Supervisor
from webapp.models.operations import JobRun, RunStatus
from webapp.policies import System
from webapp.services.job_runs import begin_and_get_run
from webapp.services.jobs import request_cancel
from webapp.support.clock import now
from webapp.transactions import unit_of_work
from webapp.wording.jobs import run_sentence


def started(**params: object) -> int:
    """A run of the probe whose process has been asked for."""
    run_id = enqueue("probe", "manual", params=params)
    start_run("probe", run_id)
    return run_id


def at_work(**params: object) -> JobRun:
    """A run of the probe that has reported."""
    run_id = started(**params)
    until(lambda: stored(run_id).progress > 0, "the first report")
    return stored(run_id)


def ended(run_id: int, process: JobRun | None = None) -> JobRun:
    """The run as it ended; its process is gone, and not even a zombie is left."""
    until(lambda: stored(run_id).finished_at is not None, "the end of the run")
    run = process or stored(run_id)
    until(lambda: not os.path.exists(f"/proc/{run.pid}"), "the end of its process")
    return stored(run_id)


def cancel(run: JobRun) -> None:
    with unit_of_work():
        request_cancel(System(), run.id)


def test_any_job_runs_in_a_process_of_its_own(processes: Flask) -> None:
    run = ended(started(kind="quick"))
    assert (run.status, run_sentence(run.message), run.own_process) == (RunStatus.SUCCEEDED, "Did it.", True)
    assert run.pid != os.getpid()


def test_pages_go_before_jobs(processes: Flask) -> None:
    run = at_work(kind="polite")
    assert os.getpriority(os.PRIO_PROCESS, run.pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)
    cancel(run)
    ended(run.id)


@pytest.mark.parametrize("kind", ["polite", "deaf"])
def test_a_cancelled_run_ends_whether_its_work_reports_or_not(processes: Flask, kind: str) -> None:
    run = at_work(kind=kind)
    cancel(run)
    assert (ended(run.id).status, ended(run.id).error) == (RunStatus.CANCELLED, None)


def test_work_that_resists_is_killed_with_all_it_started(processes: Flask, tmp_path: Path) -> None:
    run = at_work(kind="stubborn", child=str(tmp_path / "child"))
    child = int((tmp_path / "child").read_text())
    assert is_running(child)
    cancel(run)
    assert ended(run.id).status is RunStatus.CANCELLED
    until(lambda: not is_running(child), "the end of what it had started")


def test_a_deadline_ends_a_run(processes: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_DEADLINE_SECONDS", "1")
    run = ended(started(kind="deaf"))
    assert (run.status, "longer than" in run_sentence(run.message)) == (RunStatus.FAILED, True)


def test_a_process_that_is_told_to_end_says_so(processes: Flask) -> None:
    run = at_work(kind="deaf")
    os.kill(run.pid or 0, signal.SIGTERM)
    run = ended(run.id)
    assert (run.status, "told to end" in run_sentence(run.message)) == (RunStatus.FAILED, True)


def test_a_killed_process_is_noticed_at_the_next_look(processes: Flask) -> None:
    run = at_work(kind="polite")
    os.kill(run.pid or 0, signal.SIGKILL)
    until(lambda: process_birth(run.pid or 0) is None, "the end of the process")
    assert Supervisor().end_stuck_runs() == 1
    assert (ended(run.id).status, run_sentence(ended(run.id).message)) == (RunStatus.FAILED, "The process ended before the job did.")


def test_a_frozen_process_is_killed_and_a_live_one_is_not(processes: Flask) -> None:
    run = at_work(kind="polite")
    supervisor = Supervisor(patience=3)
    for _ in range(6):
        before = stored(run.id).heartbeat_at
        until(lambda before=before: stored(run.id).heartbeat_at != before, "a sign of life")
        assert supervisor.end_stuck_runs() == 0
    os.kill(run.pid or 0, signal.SIGSTOP)
    assert sum(supervisor.end_stuck_runs() for _ in range(5)) == 1
    assert ended(run.id, run).status is RunStatus.FAILED


def test_a_frozen_process_that_was_cancelled_counts_as_cancelled(processes: Flask) -> None:
    run = at_work(kind="polite")
    os.kill(run.pid or 0, signal.SIGSTOP)
    cancel(run)
    supervisor = Supervisor(patience=3)
    assert sum(supervisor.end_stuck_runs() for _ in range(5)) == 1
    assert ended(run.id, run).status is RunStatus.CANCELLED


@pytest.mark.parametrize("minutes", [-2, 2], ids=["behind", "ahead"])
def test_a_run_on_a_machine_whose_clock_differs_lives_as_long_as_it_gives_signs(separate_app: Flask, job: Declare, minutes: int) -> None:
    run_id, supervisor = enqueue(PROBE, "command"), Supervisor(patience=3)

    def beat(second: int) -> None:
        with unit_of_work():
            run = db.session.get_one(JobRun, run_id)
            run.host, run.heartbeat_at = "another-machine", now() + timedelta(minutes=minutes, seconds=second)

    with unit_of_work():
        begin_and_get_run(run_id)
    for second in range(6):
        beat(second)
        assert supervisor.end_stuck_runs() == 0
    assert sum(supervisor.end_stuck_runs() for _ in range(5)) == 1
    assert stored(run_id).status is RunStatus.FAILED
