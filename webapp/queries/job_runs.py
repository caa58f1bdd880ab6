"""Runs of background jobs and the models they made."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.models.operations import JobRun, ModelVersion, RunStatus
from webapp.support.clock import now

ACTIVE = (RunStatus.QUEUED, RunStatus.RUNNING)
# Other processes write to runs: one that this session knows already has to be read again.
_FRESH = {"populate_existing": True}


def active_run(job_id: str) -> JobRun | None:
    """The run of the job that is queued or under way."""
    query = select(JobRun).where(JobRun.job_id == job_id, JobRun.status.in_(ACTIVE))
    return db.session.scalar(query, execution_options=_FRESH)


def active_runs() -> Sequence[JobRun]:
    """All runs that are queued or under way, oldest first."""
    return db.session.scalars(select(JobRun).where(JobRun.status.in_(ACTIVE)).order_by(JobRun.id), execution_options=_FRESH).all()


def job_run(run_id: int) -> JobRun | None:
    """One run as it stands now."""
    return db.session.scalar(select(JobRun).where(JobRun.id == run_id), execution_options=_FRESH)


def last_starts() -> dict[str, datetime]:
    """When each job began last; starts that lie in the future were stamped by a clock that was wrong, and do not count."""
    query = select(JobRun.job_id, func.max(JobRun.started_at)).where(JobRun.started_at <= now()).group_by(JobRun.job_id)
    return {job_id: started_at for job_id, started_at in db.session.execute(query)}


def newest_start_until(moment: datetime) -> datetime | None:
    """When the last run of any job began that did until the moment; None where there is none."""
    return db.session.scalar(select(func.max(JobRun.started_at)).where(JobRun.started_at <= moment))


def latest_run(job_id: str) -> JobRun | None:
    """The newest run of the job, whatever became of it and whatever its clock said."""
    query = select(JobRun).where(JobRun.job_id == job_id).order_by(JobRun.id.desc()).limit(1)
    return db.session.scalar(query, execution_options=_FRESH)


def latest_runs() -> dict[str, JobRun]:
    """The last run of every job that ever ran, in one statement."""
    newest = select(func.max(JobRun.id)).group_by(JobRun.job_id)
    runs = db.session.scalars(select(JobRun).where(JobRun.id.in_(newest)), execution_options=_FRESH)
    return {run.job_id: run for run in runs}


def recent_runs(limit: int = 20, job_id: str | None = None) -> Sequence[JobRun]:
    """The last runs, newest first."""
    query = select(JobRun).order_by(JobRun.id.desc()).limit(limit)
    return db.session.scalars(query if job_id is None else query.where(JobRun.job_id == job_id), execution_options=_FRESH).all()


def gate_decisions_of_runs(runs: Iterable[JobRun]) -> dict[int, Mapping[str, Any]]:
    """What the gate decided about the models that these runs trained, by the run's id; one statement."""
    trained = select(ModelVersion.job_run_id, ModelVersion.metrics).where(ModelVersion.job_run_id.in_([run.id for run in runs]))
    return {run_id: metrics.get("gate", {}) for run_id, metrics in db.session.execute(trained)}


def model_versions(limit: int = 20) -> Sequence[ModelVersion]:
    """Trained models, newest first."""
    return db.session.scalars(select(ModelVersion).order_by(ModelVersion.trained_at.desc(), ModelVersion.id.desc()).limit(limit)).all()


def model_version(version: str) -> ModelVersion | None:
    """What is written about one trained model."""
    return db.session.scalar(select(ModelVersion).where(ModelVersion.version == version))
