"""Exactly one process of all workers runs the scheduler; when it dies, another one takes over.

There are no timers that a sleeping machine or a changed clock could make miss their moment: at every look each job is either due,
by when it last began as the table of runs says, or it is not.
"""

import threading
from collections.abc import Mapping
from datetime import datetime
from math import ceil

import structlog
from flask import Flask

from webapp.background import start_run
from webapp.config import Settings
from webapp.jobs.leader import Lock, scheduler_lock
from webapp.jobs.runners import HAS_WORK
from webapp.jobs.runs import claim, execute
from webapp.jobs.supervision import Supervisor
from webapp.queries.job_runs import active_runs, last_starts
from webapp.registries.jobs import JOBS, JobSpec, due_at
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.services.errors import Conflict
from webapp.services.job_runs import STALE_AFTER, fail_run
from webapp.support.clock import now
from webapp.transactions import unit_of_work

log = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0


class SchedulerKeeper:
    """Tries for the lock every few seconds; while it is held, starts what is due and ends what is dead.

    One in every worker; starting it neither blocks nor needs the database.
    """

    def __init__(
        self, app: Flask, lock: Lock | None = None, retry_seconds: float = LOOK_SECONDS, specs: Mapping[str, JobSpec] | None = None
    ) -> None:
        self._app = app
        self._settings: Settings = app.extensions["settings"]
        self._lock = lock or scheduler_lock(self._settings)
        self._retry_seconds = retry_seconds
        self._specs = JOBS if specs is None else specs
        self._supervisor = Supervisor(patience=ceil(STALE_AFTER.total_seconds() / retry_seconds))
        self._leading_since: datetime | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="scheduler-keeper", daemon=True)

    @property
    def leading(self) -> bool:
        """Whether this process runs the scheduler."""
        return self._leading_since is not None

    def start(self) -> None:
        """Begin to try."""
        self._thread.start()

    def stop(self) -> None:
        """Stop scheduling and let another process take over at once."""
        self._stop.set()
        self._thread.join(timeout=self._retry_seconds)
        self._step_down()

    def _keep(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except Exception:
                log.exception("scheduler_keeper_failed")
            self._stop.wait(self._retry_seconds)

    def _look(self) -> None:
        if self.leading and not self._lock.held():
            log.warning("scheduler_lost")
            self._step_down()
        if not self.leading and self._lock.acquire():
            self._leading_since = now()
            log.info("scheduler_elected")
        if self._leading_since is not None:
            # A beginning in the future was read from a clock that was wrong.
            self._leading_since = min(self._leading_since, now())
            with self._app.app_context():
                self._supervisor.look()
                for spec in self._due(self._leading_since):
                    self._start(spec)

    def _step_down(self) -> None:
        self._leading_since = None
        self._lock.release()

    def _due(self, since: datetime) -> list[JobSpec]:
        with unit_of_work(writes=False):
            last, active, moment = last_starts(), {run.job_id for run in active_runs()}, now()
            idle = [spec for spec in self._specs.values() if spec.id not in active]
            due = [spec for spec in idle if due_at(spec, self._settings, last.get(spec.id), since) <= moment]
            return [spec for spec in due if spec.id not in HAS_WORK or HAS_WORK[spec.id]()]

    def _start(self, spec: JobSpec) -> None:
        try:
            start_job(self._app, spec)
        except Conflict:
            log.info("job_running_already", job=spec.id)
        except Exception:
            log.exception("job_start_failed", job=spec.id)


def start_job(app: Flask, spec: JobSpec) -> int:
    """Run a job because its time has come: in a process of its own, or in a thread of this one; the run's id.

    Raises Conflict while it runs already.
    """
    run_id = claim(spec.id, "schedule")
    try:
        if spec.isolated:
            start_run(spec.id, run_id)
        else:
            threading.Thread(target=_execute_here, args=(app, run_id), name=f"job-{spec.id}", daemon=True).start()
    except OSError as error:
        with unit_of_work():
            fail_run(run_id, RunMessage(RunCode.NOT_STARTED), str(error))
    return run_id


def _execute_here(app: Flask, run_id: int) -> None:
    try:
        with app.app_context():
            execute(app, run_id)
    except Exception:
        log.exception("job_not_taken_up", run_id=run_id)
