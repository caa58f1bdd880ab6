"""`flask jobs`: what runs in the background, running it now, and ending it."""

import sys
import time
from math import ceil

import click
from flask import Flask, current_app

from webapp.cli.group import DatabaseGroup
from webapp.jobs.runs import enqueue, execute
from webapp.jobs.supervision import Supervisor
from webapp.models.operations import JobRun, RunStatus
from webapp.policies import System
from webapp.queries.job_runs import ACTIVE, active_run, gate_decisions_of_runs, job_run, last_starts, latest_runs
from webapp.registries.jobs import JOBS, due_at
from webapp.services.errors import Conflict, NotFound
from webapp.services.job_runs import reap_runs
from webapp.services.jobs import request_cancel
from webapp.support.clock import now
from webapp.transactions import unit_of_work
from webapp.wording.jobs import job_title, run_sentence, schedule_words

jobs = DatabaseGroup("jobs", help="Background jobs.")

_LOOK_SECONDS = 0.5
_SECONDS_TO_END = 10.0


@jobs.command("list")
def list_jobs() -> None:
    """Every job with its last run and the next one."""
    settings = current_app.extensions["settings"]
    with unit_of_work():
        reap_runs()
    with unit_of_work(writes=False):
        runs, starts, moment = latest_runs(), last_starts(), now()
    for spec in JOBS.values():
        coming = max(due_at(spec, settings, starts.get(spec.id), moment), moment)
        click.echo(f"{spec.id:10} {job_title(spec)}, {schedule_words(spec.schedule(settings))}")
        click.echo(f"{'':10} last: {_line_of_run(runs.get(spec.id))}")
        click.echo(f"{'':10} next: {coming:%Y-%m-%d %H:%M} UTC")


@jobs.command("run")
@click.argument("job_id", metavar="ID")
@click.option("--run", "run_id", type=int, help="Take up this queued run (how the server starts jobs).")
def run_job(job_id: str, run_id: int | None) -> None:
    """Run a job now, here, and wait for it; Ctrl-C cancels it."""
    _check_declared(job_id)
    try:
        run = run_here(job_id, run_id)
    except (Conflict, NotFound) as error:
        raise click.ClickException(str(error)) from error
    click.echo(_line_of_run(run))
    sys.exit(int(run.status is not RunStatus.SUCCEEDED))


@jobs.command("cancel")
@click.argument("job_id", metavar="ID")
def cancel_job(job_id: str) -> None:
    """Ask a job that is queued or under way to stop, and wait until it has; one that does not answer is ended by force."""
    _check_declared(job_id)
    with unit_of_work(writes=False):
        run = active_run(job_id)
    if run is None:
        raise click.ClickException("This job is neither queued nor under way.")
    run_id = run.id
    try:
        with unit_of_work():
            request_cancel(System(), run_id)
    except Conflict as error:
        raise click.ClickException(str(error)) from error
    ended = _wait_for_end(run_id, JOBS[job_id].grace.total_seconds() + _SECONDS_TO_END)
    click.echo(_line_of_run(ended))
    sys.exit(int(ended.status is not RunStatus.CANCELLED))


def run_here(job_id: str, run_id: int | None = None) -> JobRun:
    """Do a run of the job in this process, a new one or the queued one; the run as it ended.

    Raises Conflict while another one is under way, NotFound when the queued run is gone or of another job.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    run_id = enqueue(job_id, "command") if run_id is None else _check_run_of_job(job_id, run_id)
    execute(app, run_id, own_process=True)
    return _read_run(run_id)


def _check_declared(job_id: str) -> None:
    if job_id not in JOBS:
        raise click.UsageError(f"There is no job {job_id!r}; there are {', '.join(sorted(JOBS))}.")


def _check_run_of_job(job_id: str, run_id: int) -> int:
    with unit_of_work(writes=False):
        run = job_run(run_id)
    if run is None or run.job_id != job_id:
        raise click.ClickException(f"There is no such run of the job {job_id}.")
    return run_id


def _wait_for_end(run_id: int, patience_seconds: float) -> JobRun:
    supervisor = Supervisor(ceil(patience_seconds / _LOOK_SECONDS))
    while (run := _read_run(run_id)).status in ACTIVE:
        supervisor.end_stuck_runs()
        time.sleep(_LOOK_SECONDS)
    return run


def _read_run(run_id: int) -> JobRun:
    with unit_of_work(writes=False):
        run = job_run(run_id)
    if run is None:
        raise click.ClickException("The run has been removed.")
    return run


def run_words(run: JobRun) -> str:
    """What the run says of itself."""
    with unit_of_work(writes=False):
        gates = gate_decisions_of_runs([run])
    return run_sentence(run.message, gates.get(run.id))


def _line_of_run(run: JobRun | None) -> str:
    if run is None:
        return "never"
    began = f"{run.started_at:%Y-%m-%d %H:%M} UTC"
    if run.status in ACTIVE:
        return f"{run.status.value} since {began}, {run.progress:.0%} {run_words(run)}".rstrip()
    took = f", {(run.finished_at - run.started_at).total_seconds():.0f} s" if run.finished_at else ""
    return f"{run.status.value} {began}{took}: {run_words(run)}"
