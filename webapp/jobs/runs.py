"""Runs a job under the eyes of everyone: a JobRun row says how far it is and whether it is alive."""

import traceback
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import structlog
from flask import Flask

from webapp.extensions import db
from webapp.jobs.heartbeat import Heartbeat, RunStopped, StopReason, record_stopped_run
from webapp.jobs.runners import RUNNERS, JobFailed, RunContext
from webapp.models.operations import RunStatus
from webapp.queries.job_runs import job_run
from webapp.registries.jobs import JOBS, JobSpec
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.services.job_runs import begin_and_get_run, enqueue_run, fail_run, succeed_run
from webapp.transactions import unit_of_work

log = structlog.get_logger(__name__)


def enqueue(job_id: str, trigger: str, requested_by: int | None = None, params: Mapping[str, Any] | None = None) -> int:
    """Queue a run in a unit of work of its own; its id. Raises NotFound for an undeclared job, Conflict while one is active."""
    with unit_of_work():
        return enqueue_run(job_id, trigger, requested_by, params).id


def execute(app: Flask, run_id: int, own_process: bool = False) -> RunStatus:
    """Do a queued run here, from begin to end; needs an application context. What the job raises ends up in its row.

    `own_process` says that this process does nothing else: it takes signals for the run and may be killed with it.
    Raises NotFound when the run is not waiting to be taken up.
    """
    with unit_of_work():
        run = begin_and_get_run(run_id, own_process)
        job_id, params = run.job_id, run.params
    spec = JOBS.get(job_id)
    if spec is None or job_id not in RUNNERS:
        return _end_failed_run(run_id, RunMessage(RunCode.UNDECLARED, {"job": job_id}))
    log.info("job_started", job=job_id, run_id=run_id)
    status = _run_with_heartbeat(app, spec, run_id, params, own_process)
    log.info("job_ended", job=job_id, run_id=run_id, status=status.value)
    return status


def _run_with_heartbeat(app: Flask, spec: JobSpec, run_id: int, params: Mapping[str, Any], own_process: bool) -> RunStatus:
    heartbeat = Heartbeat(app, run_id, spec, own_process)
    try:
        with heartbeat.raise_on_signals() if own_process else nullcontext():
            with heartbeat:
                message = RUNNERS[spec.id](RunContext(run_id, app.extensions["settings"], heartbeat.report, params))
            with unit_of_work():
                succeed_run(run_id, message)
    except RunStopped as stop:
        return _end_stopped_run(run_id, spec, stop.reason)
    except JobFailed as reason:
        return _end_failed_run(run_id, reason.message)
    except Exception as error:
        log.exception("job_failed", job=spec.id, run_id=run_id)
        return _end_failed_run(run_id, RunMessage(RunCode.CRASHED, {"error": f"{type(error).__name__}: {error}"}), traceback.format_exc())
    return RunStatus.SUCCEEDED


def _end_stopped_run(run_id: int, spec: JobSpec, reason: StopReason) -> RunStatus:
    db.session.rollback()
    with unit_of_work():
        record_stopped_run(run_id, spec, reason)
    with unit_of_work(writes=False):
        run = job_run(run_id)
        return RunStatus.FAILED if run is None else run.status


def _end_failed_run(run_id: int, message: RunMessage, error: str = "") -> RunStatus:
    db.session.rollback()
    with unit_of_work():
        fail_run(run_id, message, error)
    return RunStatus.FAILED
