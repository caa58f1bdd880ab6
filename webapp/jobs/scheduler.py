"""Exactly one process of all workers runs the scheduler; when it dies, another one takes over.

APScheduler starts each job at its planned moment. At every look the plans are made again from the table of runs, which says when a job
last began: no sleep of the machine, changed clock or lost plan makes a job miss its moment for longer than a look.
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from math import ceil

import structlog
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from flask import Flask

from webapp.background import start_run
from webapp.config import Settings
from webapp.jobs.leader_lock import Lock, scheduler_lock
from webapp.jobs.runners import HAS_WORK
from webapp.jobs.runs import enqueue, execute
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
    """Tries for the lock every few seconds; while it is held, plans what is to start and ends what is dead.

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
        self._scheduler: BackgroundScheduler | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run_loop, name="scheduler-keeper", daemon=True)

    @property
    def leading(self) -> bool:
        """Whether this process runs the scheduler."""
        return self._leading_since is not None

    def planned(self) -> dict[str, datetime]:
        """The jobs that wait for their moment, by id; empty while another process leads."""
        return {} if self._scheduler is None else {job.id: job.next_run_time for job in self._scheduler.get_jobs()}

    def start(self) -> None:
        """Begin to try."""
        self._thread.start()

    def stop(self) -> None:
        """Stop scheduling and let another process take over at once."""
        self._stop.set()
        self._thread.join(timeout=self._retry_seconds)
        self._step_down()

    def _run_loop(self) -> None:
        while not self._stop.is_set():
            try:
                self._run_once()
            except Exception:
                log.exception("scheduler_keeper_failed")
            self._stop.wait(self._retry_seconds)

    def _run_once(self) -> None:
        if self.leading and not self._lock.held():
            log.warning("scheduler_lost")
            self._step_down()
        if not self.leading and self._lock.acquire():
            self._leading_since, self._scheduler = now(), start_empty_scheduler()
            log.info("scheduler_elected")
        if self._leading_since is not None and self._scheduler is not None:
            # A beginning in the future was read from a clock that was wrong.
            self._leading_since = min(self._leading_since, now())
            with self._app.app_context():
                self._supervisor.end_stuck_runs()
                self._plan(self._scheduler, self._next_starts(self._leading_since))

    def _step_down(self) -> None:
        if self._scheduler is not None:
            self._scheduler.shutdown()
        self._leading_since = self._scheduler = None
        self._lock.release()

    def _next_starts(self, since: datetime) -> dict[str, datetime]:
        """When each job that is not under way is to start next."""
        with unit_of_work(writes=False):
            last, active = last_starts(), {run.job_id for run in active_runs()}
        return {spec.id: due_at(spec, self._settings, last.get(spec.id), since) for spec in self._specs.values() if spec.id not in active}

    def _plan(self, scheduler: BackgroundScheduler, starts: Mapping[str, datetime]) -> None:
        planned = self.planned()
        for job_id in planned.keys() - starts.keys():
            with suppress(JobLookupError):  # it has just begun
                scheduler.remove_job(job_id)
        for job_id, moment in starts.items():
            if planned.get(job_id) != moment:
                scheduler.add_job(self._start, DateTrigger(moment), args=[self._specs[job_id]], id=job_id, replace_existing=True)
        # It reckoned its wait by the clock as it was then.
        scheduler.wakeup()

    def _start(self, spec: JobSpec) -> None:
        try:
            with self._app.app_context():
                if has_work(spec):
                    start_job(self._app, spec)
        except Conflict:
            log.info("job_running_already", job=spec.id)
        except Exception:
            log.exception("job_start_failed", job=spec.id)


def start_empty_scheduler() -> BackgroundScheduler:
    """An APScheduler with nothing planned. However late it wakes up, a missed start is made up for, once."""
    scheduler = BackgroundScheduler(job_defaults={"misfire_grace_time": None, "coalesce": True}, timezone="UTC")
    scheduler.start()
    return scheduler


def has_work(spec: JobSpec) -> bool:
    """Whether a start would find anything to do."""
    if spec.id not in HAS_WORK:
        return True
    with unit_of_work(writes=False):
        return HAS_WORK[spec.id]()


def start_job(app: Flask, spec: JobSpec) -> int:
    """Run a job because its time has come: in a process of its own, or in a thread of this one; the run's id.

    Raises Conflict while it runs already.
    """
    run_id = enqueue(spec.id, "schedule")
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
