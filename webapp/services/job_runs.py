"""The life of a job run: claimed, begun, kept alive, asked to stop, ended; and what a killed process leaves behind.

That a job runs once at a time is kept by the unique index on job_runs, so it holds across processes and machines.
"""

import os
import socket
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.background import is_running, process_birth
from webapp.extensions import db
from webapp.models.operations import JobRun, RunStatus
from webapp.queries.job_runs import ACTIVE, active_runs
from webapp.registries.jobs import JOBS
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.services.errors import Conflict, NotFound
from webapp.services.notifications import tell_of_failed_run
from webapp.support.clock import now
from webapp.support.messages import gettext

HEARTBEAT_SECONDS = 2.0
STALE_AFTER = timedelta(seconds=60)
"""So long a run may give no sign of life while the scheduler looks at it again and again."""
SILENCE = timedelta(minutes=5)
"""So old a sign of life may be by the clock of who looks once: clocks of two machines differ, and a machine may have slept."""


def enqueue_run(job_id: str, trigger: str, requested_by: int | None = None, params: Mapping[str, Any] | None = None) -> JobRun:
    """Queue a run of the job. Raises NotFound for an undeclared job, Conflict while a run of it is queued or running."""
    if job_id not in JOBS:
        raise NotFound(gettext("There is no job %(job)s.", job=job_id))
    reap_runs()
    run = JobRun(job_id=job_id, trigger=trigger, requested_by=requested_by, host=this_host(), params=dict(params or {}))
    try:
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError:
        raise Conflict(gettext("This job is running already; wait until it has finished.")) from None
    return run


def begin_and_get_run(run_id: int, own_process: bool = False) -> JobRun:
    """This process takes a queued run up; `own_process` says that it does nothing else and may be ended with the run.

    Raises NotFound when there is none (it was cancelled or taken).
    """
    moment, pid = now(), os.getpid()
    process = {"host": this_host(), "pid": pid, "process_birth": process_birth(pid), "own_process": own_process}
    _update_run_or_raise(run_id, (RunStatus.QUEUED,), {"status": RunStatus.RUNNING, "started_at": moment, "heartbeat_at": moment} | process)
    run = db.session.get_one(JobRun, run_id, populate_existing=True)
    if run.job_id in JOBS:
        run.deadline_at = moment + JOBS[run.job_id].deadline
    db.session.flush()
    return run


def record_beat_and_check_cancel(run_id: int, progress: float, message: RunMessage) -> bool:
    """Say that the run is alive and how far it is (0 to 1); whether it is asked to stop. Raises NotFound when it has been given up."""
    values = {"heartbeat_at": now(), "progress": min(max(progress, 0.0), 1.0), "message": message}
    _update_run_or_raise(run_id, (RunStatus.RUNNING,), values)
    return db.session.scalar(select(JobRun.cancel_requested_at).where(JobRun.id == run_id)) is not None


def ask_to_stop(run: JobRun) -> None:
    """A queued run is cancelled at once; a running one is asked to stop. Raises Conflict when it has ended."""
    if _end_run(run.id, RunStatus.CANCELLED, RunMessage(RunCode.CANCELLED_BEFORE_IT_BEGAN), only=(RunStatus.QUEUED,)) is not None:
        return
    asked = update(JobRun).where(JobRun.id == run.id, JobRun.status == RunStatus.RUNNING, JobRun.cancel_requested_at.is_(None))
    db.session.execute(asked.values(cancel_requested_at=now()))
    db.session.refresh(run)
    if run.status not in ACTIVE:
        raise Conflict(gettext("This run has ended already."))


def succeed_run(run_id: int, message: RunMessage) -> None:
    """The run is done. Raises NotFound when it has been given up."""
    values = {"status": RunStatus.SUCCEEDED, "progress": 1.0, "message": message}
    _update_run_or_raise(run_id, (RunStatus.RUNNING,), values | _end_columns())


def cancel_run(run_id: int) -> None:
    """The run stopped because somebody asked for it. One that has ended stays as it is."""
    _end_run(run_id, RunStatus.CANCELLED, RunMessage(RunCode.CANCELLED))


def fail_run(run_id: int, message: RunMessage, error: str) -> None:
    """The run came to nothing; `message` is for people, `error` for those who mend it. One that has ended stays as it is.

    Administrators are told where the job's declaration says so.
    """
    job_id = _end_run(run_id, RunStatus.FAILED, message, error)
    notice = JOBS[job_id].failure_notice if job_id in JOBS else None
    if notice is not None:
        tell_of_failed_run(notice, run_id, message)


def give_run_up(run: JobRun, why: RunMessage) -> None:
    """End a run whose process is gone or does not answer: as cancelled where that was asked for, else as failed."""
    if run.cancel_requested_at is not None:
        cancel_run(run.id)
    else:
        fail_run(run.id, why, f"heartbeat_at={run.heartbeat_at.isoformat(timespec='seconds')}")
    db.session.expire(run)


def reap_runs() -> int:
    """End the runs whose process has died; how many there were."""
    dead = [run for run in active_runs() if is_dead(run)]
    for run in dead:
        give_run_up(run, RunMessage(RunCode.PROCESS_ENDED))
    return len(dead)


def is_dead(run: JobRun) -> bool:
    """Whether the process of an active run is known to be gone.

    On this machine the process table decides; elsewhere, and for one that nobody takes up, a very old heartbeat does (the scheduler, which
    looks again and again, knows sooner).
    """
    here = run.host == this_host()
    if here and run.status == RunStatus.RUNNING and run.pid is not None:
        return not is_running(run.pid, run.process_birth)
    silence = now() - run.heartbeat_at
    # A stamp far in the future of the clock that made it was made before that clock was set right.
    return silence > SILENCE or (here and silence < -SILENCE)


def this_host() -> str:
    """The machine's name as runs keep it."""
    return socket.gethostname()[:120]


def _update_run_or_raise(run_id: int, allowed: tuple[RunStatus, ...], values: dict[str, object]) -> None:
    change = update(JobRun).where(JobRun.id == run_id, JobRun.status.in_(allowed)).values(values).returning(JobRun.id)
    if db.session.scalar(change) is None:
        raise NotFound(gettext("There is no such run under way."))


def _end_run(
    run_id: int, status: RunStatus, message: RunMessage, error: str | None = None, only: tuple[RunStatus, ...] = ACTIVE
) -> str | None:
    """The job's id; None when the run was not in one of these states."""
    values = {"status": status, "message": message, "error": error} | _end_columns()
    ended = update(JobRun).where(JobRun.id == run_id, JobRun.status.in_(only)).values(values)
    return db.session.scalar(ended.returning(JobRun.job_id))


def _end_columns() -> dict[str, object]:
    return {"finished_at": now(), "heartbeat_at": now()}
