"""`/admin/jobs`: background jobs, when each ran last and runs next, and running one now."""

from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue

from webapp.blueprints.admin.run_messages import run_sentences
from webapp.blueprints.admin.views import bp, settings_of_current_app
from webapp.jobs.scheduler_leader_status import current_leader
from webapp.models.operations import JobRun
from webapp.policies import Permission
from webapp.queries.job_runs import ACTIVE, last_starts, latest_runs, recent_runs
from webapp.registries.jobs import JOBS, JobSpec, due_at
from webapp.services.jobs import request_cancel, request_run
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.web.fragments import page_or_fragment
from webapp.web.guards import requires, signed_in_actor
from webapp.web.redirects import redirect_to
from webapp.web.service_refusals import accepts
from webapp.wording.jobs import job_title, schedule_words

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

    @property
    def stopping(self) -> bool:
        """Whether it has been asked to stop and has not yet."""
        return self.last is not None and self.under_way and self.last.cancel_requested_at is not None


@bp.get("/jobs")
@requires(Permission.SEE_ADMIN)
def jobs() -> ResponseReturnValue:
    """Every job and the last runs; the part that changes alone when the page asks for it while a job is under way."""
    lines, runs = _job_rows(), recent_runs(_RUNS)
    return page_or_fragment(
        "admin/jobs.html",
        "jobs",
        jobs=lines,
        runs=runs,
        says=run_sentences([*runs, *(line.last for line in lines)]),
        titles={spec.id: job_title(spec) for spec in JOBS.values()},
        leadership=current_leader(settings_of_current_app()),
    )


@bp.post("/jobs/<job_id>/run")
@requires(Permission.RUN_JOB)
def run_job(job_id: str) -> ResponseReturnValue:
    """Run a job now; a second click while it is under way says so."""
    if job_id not in JOBS:
        abort(404)
    title = job_title(JOBS[job_id])
    with accepts(message=gettext("“%(job)s” is under way already.", job=title)) as accepted:
        request_run(signed_in_actor(), job_id)
    if accepted:
        flash(gettext("“%(job)s” has been started.", job=title), "success")
    return redirect_to(url_for("admin.jobs"))


@bp.post("/jobs/runs/<int:run_id>/cancel")
@requires(Permission.RUN_JOB)
def cancel_run(run_id: int) -> ResponseReturnValue:
    """Ask a run to stop; it does so at its next step, or is ended when it does not."""
    with accepts(message=gettext("This run has ended already.")) as accepted:
        run = request_cancel(signed_in_actor(), run_id)
    if accepted:
        flash(gettext("The run has been asked to stop.") if run.status in ACTIVE else gettext("The run is cancelled."), "success")
    return redirect_to(url_for("admin.jobs"))


def _job_rows() -> list[JobLine]:
    runs, starts, moment = latest_runs(), last_starts(), now()
    return [_line(spec, runs.get(spec.id), starts.get(spec.id), moment) for spec in JOBS.values()]


def _line(spec: JobSpec, last: JobRun | None, started_at: datetime | None, moment: datetime) -> JobLine:
    return JobLine(
        spec.id,
        job_title(spec),
        schedule_words(spec.schedule(settings_of_current_app())),
        last,
        max(due_at(spec, settings_of_current_app(), started_at, moment), moment),
    )
