"""What is due is started, whatever the clock and the sleep of the machine did in between."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.processes import started
from tests.waiting import until
from tests.webapp.jobs.probe_job import PROBE
from webapp.config import ROOT
from webapp.extensions import db
from webapp.jobs.scheduler import SchedulerKeeper, start_job
from webapp.models.operations import JobRun, RunStatus
from webapp.queries.job_runs import ACTIVE, last_starts
from webapp.registries.jobs import JOBS, Every, due_at
from webapp.services.job_runs import this_host
from webapp.support.clock import now
from webapp.transactions import unit_of_work
from webapp.wording.jobs import run_sentence

DISTANCE = timedelta(seconds=3)


def runs() -> list[JobRun]:
    """Those of the probe, oldest first."""
    with unit_of_work(writes=False):
        query = select(JobRun).where(JobRun.job_id == PROBE).order_by(JobRun.id)
        return list(db.session.scalars(query, execution_options={"populate_existing": True}))


def ended_runs() -> list[JobRun]:
    return [run for run in runs() if run.status is RunStatus.SUCCEEDED]


def add_run(**values: object) -> int:
    with unit_of_work():
        run = JobRun(job_id=PROBE, **values)
        db.session.add(run)
        db.session.flush()
        return run.id


def is_due() -> bool:
    """Whether the next start lies behind us, as the scheduler reckons it."""
    with unit_of_work(writes=False):
        return due_at(JOBS[PROBE], None, last_starts().get(PROBE), now()) <= now()  # type: ignore[arg-type]


@contextmanager
def scheduler_process(app: Flask, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that schedules the probe; it has been elected."""
    output = folder / "sleeper.log"
    command = [sys.executable, "-m", "tests.webapp.jobs.sleeper", app.extensions["settings"].database_url, str(folder / "instance")]
    command.append(str(DISTANCE.total_seconds()))
    with output.open("wb") as file, started(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT) as process:
        until(lambda: "leading" in output.read_text() or process.poll() is not None, "the scheduler")
        assert process.poll() is None, output.read_text()
        yield process


@pytest.fixture(autouse=True)
def _every_few_seconds(job) -> None:
    job(lambda _context: "Did it.", isolated=False, schedule=lambda _settings: Every(DISTANCE))


def test_a_start_that_was_slept_through_happens_once_afterwards_and_the_next_ones_follow(separate_app: Flask, tmp_path: Path) -> None:
    with scheduler_process(separate_app, tmp_path) as process:
        until(lambda: len(ended_runs()) >= 1, "the first run")
        os.kill(process.pid, signal.SIGSTOP)
        until(is_due, "the planned start")
        until(lambda: now() > runs()[-1].started_at + 3 * DISTANCE, "two more planned starts")
        asleep = len(runs())
        os.kill(process.pid, signal.SIGCONT)
        until(lambda: len(ended_runs()) > asleep, "the run that was missed")
        made_up = runs()[asleep].started_at
        until(lambda: len(ended_runs()) > asleep + 1, "the run after it")
        assert runs()[asleep + 1].started_at >= made_up + DISTANCE  # missed twice, made up for once


@pytest.mark.parametrize("status", ["succeeded", "failed", "running", "queued"])
def test_a_run_stamped_in_the_future_holds_nothing_up(separate_app: Flask, tmp_path: Path, status: str) -> None:
    later = now() + timedelta(days=2000)
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    stamps = {"started_at": later, "heartbeat_at": later, "host": this_host(), "pid": process.pid if status == "running" else None}
    wrong = add_run(status=RunStatus(status), **stamps)
    with scheduler_process(separate_app, tmp_path):
        until(lambda: len([run for run in ended_runs() if run.id != wrong]) >= 2, "two runs beside the wrong one")
    assert [run.status for run in runs() if run.id == wrong and run.status in ACTIVE] == []


def test_a_job_that_is_under_way_is_not_started_beside_itself(separate_app: Flask) -> None:
    keeper = SchedulerKeeper(separate_app, retry_seconds=0.1, specs={PROBE: JOBS[PROBE]})
    first = add_run(status=RunStatus.RUNNING, started_at=now() - timedelta(hours=1), host="another machine", heartbeat_at=now())
    try:
        keeper._run_once()
        assert keeper.planned() == {}
    finally:
        keeper._step_down()
    assert [run.id for run in runs()] == [first]


def test_a_plan_that_was_lost_or_moved_is_made_again_at_the_next_look(separate_app: Flask) -> None:
    add_run(status=RunStatus.SUCCEEDED, started_at=now())
    keeper = SchedulerKeeper(separate_app, specs={PROBE: replace(JOBS[PROBE], schedule=lambda _settings: Every(timedelta(hours=1)))})
    try:
        keeper._run_once()
        right = keeper.planned()
        assert right == {PROBE: runs()[0].started_at + timedelta(hours=1)}
        assert keeper._scheduler is not None
        keeper._scheduler.remove_job(PROBE)
        keeper._run_once()
        assert keeper.planned() == right
        keeper._scheduler.reschedule_job(PROBE, trigger="date", run_date=now() + timedelta(days=900))
        keeper._run_once()
        assert keeper.planned() == right
    finally:
        keeper._step_down()


def test_a_process_that_cannot_be_started_leaves_a_failed_run(separate_app: Flask, job, monkeypatch: pytest.MonkeyPatch) -> None:
    job(lambda _context: "Did it.")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    start_job(separate_app, JOBS[PROBE])
    (run,) = runs()
    assert (run.status, run_sentence(run.message)) == (RunStatus.FAILED, "Its process could not be started.")
