"""Retraining the recommender: asked for here, done in a process of its own."""

from typing import TYPE_CHECKING

from sqlalchemy import update

from webapp.extensions import db
from webapp.models import JobRun, ModelStatus, ModelVersion
from webapp.policies import Actor, Permission, require
from webapp.queries.job_runs import active_run, latest_run
from webapp.recommender.launch import launch_training
from webapp.services.audit import record_decision
from webapp.services.job_runs import RETRAIN, claim_run
from webapp.transactions import after_commit

if TYPE_CHECKING:
    from webapp.recommender.training import Trained


def request_retraining(actor: Actor) -> JobRun:
    """Queue a retraining and start its process once the request is durable.

    Raises Forbidden, and Conflict while one is queued or running.
    """
    require(actor, Permission.TRAIN_MODEL)
    run = claim_run(RETRAIN, "manual", actor.user_id)
    record_decision(actor, "model.retrain", f"job_run:{run.id}")
    run_id = run.id

    def launch() -> None:
        launch_training(run_id)

    after_commit(launch)
    return run


def current_run() -> JobRun | None:
    """The retraining that is queued or under way."""
    return active_run(RETRAIN)


def last_run() -> JobRun | None:
    """The retraining that began last, whatever became of it."""
    return latest_run(RETRAIN)


def register_model(trained: "Trained", run_id: int | None, seconds: float) -> ModelVersion:
    """Write down a freshly stored model; it is the live one now, those before it are retired."""
    db.session.execute(update(ModelVersion).where(ModelVersion.status == ModelStatus.LIVE).values(status=ModelStatus.RETIRED))
    version = ModelVersion(
        version=trained.version,
        status=ModelStatus.LIVE,
        trained_at=trained.trained_at,
        seconds=round(seconds, 3),
        data_fingerprint=trained.fingerprint,
        n_users=trained.n_users,
        n_items=trained.n_items,
        n_interactions=trained.n_interactions,
        metrics=trained.metrics,
        params=trained.params,
        job_run_id=run_id,
    )
    db.session.add(version)
    db.session.flush()
    return version
