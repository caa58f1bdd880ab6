"""Runs a job under the eyes of everyone: a JobRun row that says how far it is and whether it is alive."""

import threading
import traceback
from types import TracebackType
from typing import Self

import structlog
from flask import Flask

from webapp.extensions import db
from webapp.jobs.registry import JOBS, Job, JobFailed, RunContext
from webapp.models import JobRun, RunStatus
from webapp.services.errors import NotFound
from webapp.services.job_runs import HEARTBEAT_SECONDS, beat_run, begin_run, claim_run, fail_run, succeed_run
from webapp.transactions import unit_of_work

log = structlog.get_logger(__name__)


class RunLost(Exception):
    """The run was given up for dead and may have been replaced: go no further."""


class Heartbeat:
    """Writes progress from a thread of its own, so that a silent stretch of work still counts as alive."""

    def __init__(self, app: Flask, run_id: int, seconds: float = HEARTBEAT_SECONDS) -> None:
        self._app, self._run_id, self._seconds = app, run_id, seconds
        self._state = (0.0, "Starting")
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{run_id}", daemon=True)

    def report(self, progress: float, message: str) -> None:
        """Tell how far the work is. Raises RunLost when nobody waits for it any more."""
        if self._lost.is_set():
            raise RunLost
        self._state = (progress, message)
        self._wake.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def _beat(self) -> None:
        with self._app.app_context():
            while not self._stop.is_set():
                self._wake.wait(self._seconds)
                self._wake.clear()
                if not self._stop.is_set():
                    self._write()
                    self._stop.wait(0.5)  # at most two writes a second, however talkative the work is

    def _write(self) -> None:
        try:
            with unit_of_work():
                beat_run(self._run_id, *self._state)
        except NotFound:
            self._lost.set()
            self._stop.set()
        except Exception:
            log.warning("heartbeat_failed", run_id=self._run_id, exc_info=True)


def claim(job_id: str, trigger: str, requested_by: int | None = None) -> int:
    """Queue a run in a unit of work of its own; its id. Raises Conflict while one is queued or running."""
    with unit_of_work():
        return claim_run(job_id, trigger, requested_by).id


def execute(app: Flask, run_id: int) -> RunStatus:
    """Do a queued run here, from begin to end; needs an application context. What the job raises ends up in its row.

    Raises NotFound when the run is not waiting to be taken up.
    """
    with unit_of_work():
        begin_run(run_id)
        job_id = db.session.get_one(JobRun, run_id).job_id
    log.info("job_started", job=job_id, run_id=run_id)
    status = _finish(app, run_id, JOBS[job_id])
    log.info("job_ended", job=job_id, run_id=run_id, status=status.value)
    return status


def _finish(app: Flask, run_id: int, job: Job) -> RunStatus:
    try:
        with Heartbeat(app, run_id) as heartbeat:
            message = job.run(RunContext(run_id, app.extensions["settings"], heartbeat.report))
        with unit_of_work():
            succeed_run(run_id, message)
    except JobFailed as reason:
        return _failed(run_id, str(reason), str(reason))
    except Exception as error:
        log.exception("job_failed", job=job.id, run_id=run_id)
        return _failed(run_id, f"{type(error).__name__}: {error}", traceback.format_exc())
    return RunStatus.SUCCEEDED


def _failed(run_id: int, message: str, error: str) -> RunStatus:
    db.session.rollback()
    with unit_of_work():
        fail_run(run_id, message, error)
    return RunStatus.FAILED
