"""The life of a job run: claimed, begun, kept alive, ended; and what a killed process leaves behind.

That a job runs once at a time is kept by the unique index on job_runs, so it holds across processes and machines.
"""

import os
import socket
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.extensions import db
from webapp.models import JobRun, RunStatus
from webapp.queries.job_runs import ACTIVE
from webapp.services.errors import Conflict, NotFound
from webapp.services.notifications import tell_of_failed_training
from webapp.support.clock import now

RETRAIN = "retrain"  # the job that trains the recommender
HEARTBEAT_SECONDS = 5.0
STALE_AFTER = timedelta(seconds=60)
MAX_MESSAGE = 300


def claim_run(job_id: str, trigger: str, requested_by: int | None = None) -> JobRun:
    """Queue a run of the job; raises Conflict while another one is queued or running."""
    reap_runs()
    run = JobRun(job_id=job_id, trigger=trigger, requested_by=requested_by, host=_host())
    try:
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError:
        raise Conflict("This job is running already; wait until it has finished.") from None
    return run


def begin_run(run_id: int) -> None:
    """This process takes a queued run up. Raises NotFound when there is none (it was cancelled or taken)."""
    values = {"status": RunStatus.RUNNING, "host": _host(), "pid": os.getpid(), "started_at": now(), "heartbeat_at": now()}
    _change(run_id, (RunStatus.QUEUED,), values)


def beat_run(run_id: int, progress: float, message: str) -> None:
    """Say that the run is alive and how far it is (0 to 1). Raises NotFound when it has been given up."""
    values = {"heartbeat_at": now(), "progress": min(max(progress, 0.0), 1.0), "message": message[:MAX_MESSAGE]}
    _change(run_id, (RunStatus.RUNNING,), values)


def succeed_run(run_id: int, message: str) -> None:
    """The run is done."""
    values = {"status": RunStatus.SUCCEEDED, "progress": 1.0, "message": message[:MAX_MESSAGE]}
    _change(run_id, (RunStatus.RUNNING,), values | _end())


def fail_run(run_id: int, message: str, error: str) -> None:
    """The run came to nothing; `message` is for people, `error` for those who mend it. One that has ended stays as it is.

    Of a training that failed the administrators are told.
    """
    message = message[:MAX_MESSAGE]
    values = {"status": RunStatus.FAILED, "message": message, "error": error}
    failed = update(JobRun).where(JobRun.id == run_id, JobRun.status.in_(ACTIVE)).values(values | _end()).returning(JobRun.job_id)
    if db.session.scalar(failed) == RETRAIN:
        tell_of_failed_training(run_id, message)


def reap_runs() -> int:
    """Mark runs whose process has died as failed; how many there were."""
    active = db.session.scalars(select(JobRun).where(JobRun.status.in_(ACTIVE)), execution_options={"populate_existing": True})
    gone = [run for run in active if _is_dead(run)]
    for run in gone:
        fail_run(run.id, "The process ended before the job did.", f"last heartbeat {run.heartbeat_at:%Y-%m-%d %H:%M:%S} UTC")
        db.session.expire(run)
    return len(gone)


def _change(run_id: int, allowed: tuple[RunStatus, ...], values: dict[str, object]) -> None:
    change = update(JobRun).where(JobRun.id == run_id, JobRun.status.in_(allowed)).values(values).returning(JobRun.id)
    if db.session.scalar(change) is None:
        raise NotFound("There is no such run under way.")


def _end() -> dict[str, object]:
    return {"finished_at": now(), "heartbeat_at": now()}


def _is_dead(run: JobRun) -> bool:
    if run.status == RunStatus.RUNNING and run.host == _host() and run.pid is not None and not _alive(run.pid):
        return True
    return run.heartbeat_at < now() - STALE_AFTER


def _alive(pid: int) -> bool:
    """Whether a process of this number exists; one that has ended and waits to be collected does not count."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return not os.path.isdir("/proc/self") and _signal_reaches(pid)


def _signal_reaches(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _host() -> str:
    return socket.gethostname()[:120]
