"""Background jobs on demand: asked for here and done in a process of its own, asked to stop here and ended by that process."""

from collections.abc import Mapping
from typing import Any

from webapp.background import start_run
from webapp.models.operations import JobRun
from webapp.policies import Actor, Permission, require
from webapp.queries.job_runs import job_run
from webapp.registries.jobs import JOBS
from webapp.services.audit import record_decision
from webapp.services.errors import NotFound
from webapp.services.job_runs import ask_to_stop, enqueue_run
from webapp.support.messages import gettext
from webapp.transactions import after_commit


def request_run(actor: Actor, job_id: str, params: Mapping[str, Any] | None = None) -> JobRun:
    """Queue a run of the job and start its process once the request is durable.

    Raises NotFound for an undeclared job, Forbidden, and Conflict while the job is queued or running.
    """
    if job_id not in JOBS:
        raise NotFound(gettext("There is no job %(job)s.", job=job_id))
    require(actor, JOBS[job_id].permission)
    run = enqueue_run(job_id, "manual", actor.user_id, params)
    record_decision(actor, "job.run", f"job_run:{run.id}", job=job_id)
    run_id = run.id
    after_commit(lambda: start_run(job_id, run_id))
    return run


def request_cancel(actor: Actor, run_id: int) -> JobRun:
    """Ask a run to stop; one that has not begun is cancelled at once.

    Raises NotFound, Forbidden, and Conflict when it has ended.
    """
    run = job_run(run_id)
    if run is None:
        raise NotFound(gettext("There is no such run."))
    require(actor, JOBS[run.job_id].permission if run.job_id in JOBS else Permission.RUN_JOB)
    ask_to_stop(run)
    record_decision(actor, "job.cancel", f"job_run:{run_id}", job=run.job_id)
    return run
