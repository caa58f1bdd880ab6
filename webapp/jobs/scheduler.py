"""Exactly one process of all workers runs the scheduler; when it dies, another one takes over."""

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from flask import Flask

from webapp.config import Settings
from webapp.jobs.leader import Lock, scheduler_lock
from webapp.jobs.registry import JOBS, Job, next_run
from webapp.jobs.runs import claim, execute
from webapp.queries.job_runs import latest_run
from webapp.recommender.launch import launch_training
from webapp.services.errors import Conflict
from webapp.services.job_runs import reap_runs
from webapp.support.clock import now
from webapp.transactions import unit_of_work

log = structlog.get_logger(__name__)

RETRY_SECONDS = 10.0
_THREADS = 2


class SchedulerKeeper:
    """Tries for the lock every few seconds, schedules while it is held, stops when it is lost.

    One in every worker; starting it neither blocks nor needs the database.
    """

    def __init__(self, app: Flask, lock: Lock | None = None, retry_seconds: float = RETRY_SECONDS) -> None:
        self._app = app
        self._settings: Settings = app.extensions["settings"]
        self._lock = lock or scheduler_lock(self._settings)
        self._retry_seconds = retry_seconds
        self._scheduler: BackgroundScheduler | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="scheduler-keeper", daemon=True)

    @property
    def leading(self) -> bool:
        """Whether this process runs the scheduler."""
        return self._scheduler is not None

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
                self._tick()
            except Exception:
                log.exception("scheduler_keeper_failed")
            self._stop.wait(self._retry_seconds)

    def _tick(self) -> None:
        if self._scheduler is not None and not self._lock.held():
            log.warning("scheduler_lost")
            self._step_down()
        if self._scheduler is None and self._lock.acquire():
            self._scheduler = self._schedule()
            log.info("scheduler_elected")
        if self._scheduler is not None:
            with self._app.app_context(), unit_of_work():
                reap_runs()

    def _step_down(self) -> None:
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
        self._lock.release()

    def _schedule(self) -> BackgroundScheduler:
        executors = {"default": ThreadPoolExecutor(_THREADS)}
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}
        scheduler = BackgroundScheduler(executors=executors, job_defaults=defaults, timezone="UTC")
        scheduler.start()
        for job in JOBS.values():
            self._plan(scheduler, job)
        return scheduler

    def _plan(self, scheduler: BackgroundScheduler, job: Job) -> None:
        """Plan the next start alone: each start plans the one after it, from what is written in the runs."""
        with self._app.app_context(), unit_of_work(writes=False):
            last = latest_run(job.id)
            moment = next_run(job, self._settings, last.started_at if last else None)
        scheduler.add_job(self._start, DateTrigger(moment), args=[scheduler, job], id=job.id, name=job.title, replace_existing=True)

    def _start(self, scheduler: BackgroundScheduler, job: Job) -> None:
        try:
            with self._app.app_context():
                start_job(self._app, job)
        except Conflict:
            log.info("job_running_already", job=job.id)
        except Exception:
            log.exception("job_start_failed", job=job.id)
        finally:
            self._replan(scheduler, job)

    def _replan(self, scheduler: BackgroundScheduler, job: Job) -> None:
        try:
            self._plan(scheduler, job)
        except Exception:  # noqa: BLE001 - without the database nothing is known about runs: look again soon
            later: Callable[[], None] = lambda: self._replan(scheduler, job)  # noqa: E731
            scheduler.add_job(later, DateTrigger(now() + timedelta(minutes=1)), id=job.id, replace_existing=True)


def start_job(app: Flask, job: Job) -> None:
    """Run a job because its time has come: here, or in a process of its own. Raises Conflict while it runs already."""
    run_id = claim(job.id, "schedule")
    if job.own_process:
        launch_training(run_id)
    else:
        execute(app, run_id)
