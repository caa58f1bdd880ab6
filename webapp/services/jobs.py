"""Background jobs on demand: asked for here, done in a process of its own."""

from webapp.models import JobRun
from webapp.policies import Actor, Permission, require
from webapp.recommender.launch import launch_training
from webapp.services.audit import record_decision
from webapp.services.job_runs import RETRAIN, claim_run
from webapp.services.training import request_retraining
from webapp.transactions import after_commit


def request_run(actor: Actor, job_id: str) -> JobRun:
    """Queue a run of the job and start its process once the request is durable.

    Raises Forbidden, and Conflict while the job is queued or running.
    """
    require(actor, Permission.RUN_JOB)
    if job_id == RETRAIN:
        return request_retraining(actor)
    run = claim_run(job_id, "manual", actor.user_id)
    record_decision(actor, "job.run", f"job_run:{run.id}", job=job_id)
    run_id = run.id
    # The process that trains takes up whatever run it is given.
    after_commit(lambda: launch_training(run_id))
    return run
