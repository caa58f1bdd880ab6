"""`/admin/jobs`: background jobs, when each ran last and runs next, and running one now."""

from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.blueprints.admin.views import bp, settings
from webapp.jobs.leadership import leadership
from webapp.jobs.registry import JOBS, next_run
from webapp.models import JobRun
from webapp.policies import Permission
from webapp.queries.job_runs import ACTIVE, latest_runs, recent_runs
from webapp.services.errors import Conflict
from webapp.services.jobs import request_run
from webapp.web.guards import requires, signed_in_actor
from webapp.web.redirects import go

_RUNS = 25


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as the page lists it."""

    id: str
    title: str
    schedule: str
    last: JobRun | None
    next_at: datetime

    @property
    def under_way(self) -> bool:
        """Whether it is queued or running."""
        return self.last is not None and self.last.status in ACTIVE


@bp.get("/jobs")
@requires(Permission.SEE_ADMIN)
def jobs() -> ResponseReturnValue:
    """Every job and the last runs; the part that changes alone when the page asks for it while a job is under way."""
    whole = not request.headers.get("HX-Request") or request.headers.get("HX-History-Restore-Request")
    html = render_template(
        "admin/jobs.html" if whole else "admin/_jobs.html",
        jobs=_lines(),
        runs=recent_runs(_RUNS),
        titles={job.id: job.title for job in JOBS.values()},
        leadership=leadership(settings()),
    )
    return html, {"Vary": "HX-Request"}


@bp.post("/jobs/<job_id>/run")
@requires(Permission.RUN_JOB)
def run_job(job_id: str) -> ResponseReturnValue:
    """Run a job now; a second click while it is under way says so."""
    if job_id not in JOBS:
        abort(404)
    title = JOBS[job_id].title
    try:
        request_run(signed_in_actor(), job_id)
    except Conflict:
        flash(f"“{title}” is under way already.", "warning")
    else:
        flash(f"“{title}” has been started.", "success")
    return go(url_for("admin.jobs"))


def _lines() -> list[JobLine]:
    runs = latest_runs()
    return [_line(job_id, runs.get(job_id)) for job_id in JOBS]


def _line(job_id: str, last: JobRun | None) -> JobLine:
    job = JOBS[job_id]
    return JobLine(
        job.id,
        job.title,
        job.schedule(settings()).in_words(),
        last,
        next_run(job, settings(), last.started_at if last else None),
    )
