"""`flask jobs`: list background jobs, and run one now."""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.jobs.registry import JOBS, next_run
from webapp.jobs.runs import claim, execute
from webapp.models import JobRun, RunStatus
from webapp.queries.job_runs import latest_runs
from webapp.services.errors import Conflict
from webapp.services.job_runs import reap_runs
from webapp.transactions import unit_of_work

jobs = AppGroup("jobs", help="Background jobs.")


@jobs.command("list")
def list_jobs() -> None:
    """Every job with its last run and the next one."""
    settings = current_app.extensions["settings"]
    with unit_of_work():
        reap_runs()
    with unit_of_work(writes=False):
        runs = latest_runs()
    for job in JOBS.values():
        run = runs.get(job.id)
        coming = next_run(job, settings, run.started_at if run else None)
        click.echo(f"{job.id:10} {job.title}, {job.schedule(settings).in_words()}")
        click.echo(f"{'':10} last: {_run_summary(run)}")
        click.echo(f"{'':10} next: {coming:%Y-%m-%d %H:%M} UTC")


@jobs.command("run")
@click.argument("job_id", metavar="ID", type=click.Choice(sorted(JOBS)))
def run_job(job_id: str) -> None:
    """Run a job now, here, and wait for it."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        run_id = claim(job_id, "command")
    except Conflict as error:
        raise click.ClickException(str(error)) from error
    status = execute(app, run_id)
    with unit_of_work(writes=False):
        run = latest_runs()[job_id]
    click.echo(_run_summary(run))
    sys.exit(int(status is not RunStatus.SUCCEEDED))


def _run_summary(run: JobRun | None) -> str:
    if run is None:
        return "never"
    began = f"{run.started_at:%Y-%m-%d %H:%M} UTC"
    if run.status in (RunStatus.QUEUED, RunStatus.RUNNING):
        return f"{run.status.value} since {began}, {run.progress:.0%} {run.message}".rstrip()
    took = f", {(run.finished_at - run.started_at).total_seconds():.0f} s" if run.finished_at else ""
    return f"{run.status.value} {began}{took}: {run.message}"
