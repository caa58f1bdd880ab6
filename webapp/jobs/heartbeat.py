"""A run's sign of life, and the way it is told to stop: cancelled, too late, given up, or ended from outside."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from types import FrameType, TracebackType
from typing import Self

import structlog
from flask import Flask

from webapp.background import kill_process
from webapp.registries.jobs import JobSpec
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.services.errors import NotFound
from webapp.services.job_runs import HEARTBEAT_SECONDS, cancel_run, fail_run, record_beat_and_check_cancel
from webapp.transactions import unit_of_work

log = structlog.get_logger(__name__)

_SECONDS_TO_UNWIND = 5.0


class StopReason(StrEnum):
    """Why a run is to end before its work is done."""

    CANCELLED = "cancelled"  # somebody asked for it
    LATE = "late"  # its deadline has passed
    LOST = "lost"  # it was given up for dead and may have been replaced
    TERMINATED = "terminated"  # the machine or its keeper ends the process


class RunStopped(BaseException):
    """The run is to end now. No Exception, so that a job that catches those does not take it for a fault of its work."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Heartbeat:
    """Writes progress from a thread of its own, so that a silent stretch of work still counts as alive, and stops the run.

    Work learns of a stop by its next `report`. In a process of its own, work that does not report within the job's grace gets a
    SIGTERM, which raises RunStopped wherever it is, and is killed with its process group when that does not end it.
    """

    def __init__(self, app: Flask, run_id: int, spec: JobSpec, own_process: bool = False, seconds: float = HEARTBEAT_SECONDS) -> None:
        self._app, self._run_id, self._own_process, self._spec, self._seconds = app, run_id, own_process, spec, seconds
        self._state = (0.0, RunMessage(RunCode.STARTING))
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._began = time.monotonic()  # a clock that is set, and a machine that sleeps, change no deadline
        self._stop: StopReason | None = None
        self._stopped_at = 0.0
        self._signaled = False
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{run_id}", daemon=True)

    def report(self, progress: float, message: RunMessage) -> None:
        """Tell how far the work is. Raises RunStopped when it is to end."""
        if self._stop is not None:
            raise RunStopped(self._stop)
        self._state = (progress, message)
        self._wake.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._ended.set()
        self._wake.set()
        self._thread.join()

    @contextmanager
    def raise_on_signals(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C raise RunStopped in the work of this process; for a run that has a process of its own."""

        def stop(number: int, _frame: FrameType | None) -> None:
            raise RunStopped(self._stop or (StopReason.CANCELLED if number == signal.SIGINT else StopReason.TERMINATED))

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _beat(self) -> None:
        with self._app.app_context():
            while not self._ended.is_set():
                self._wake.wait(self._seconds)
                self._wake.clear()
                if self._ended.is_set():
                    return
                self._write()
                self._kill_if_unresponsive()
                self._ended.wait(min(0.5, self._seconds))  # at most two writes a second, however talkative the work is

    def _write(self) -> None:
        if time.monotonic() - self._began > self._spec.deadline.total_seconds():
            self._request_stop(StopReason.LATE)
        try:
            with unit_of_work():
                asked = record_beat_and_check_cancel(self._run_id, *self._state)
        except NotFound:
            self._request_stop(StopReason.LOST)
        except Exception:
            log.warning("heartbeat_failed", run_id=self._run_id, exc_info=True)
        else:
            if asked:
                self._request_stop(StopReason.CANCELLED)

    def _request_stop(self, reason: StopReason) -> None:
        if self._stop is None:
            self._stop, self._stopped_at = reason, time.monotonic()

    def _kill_if_unresponsive(self) -> None:
        """Work that does not answer is ended, softly and then hard; where it shares its process, it is only written off."""
        if self._stop is None:
            return
        unanswered = time.monotonic() - self._stopped_at - self._spec.grace.total_seconds()
        if unanswered > 0 and self._own_process and not self._signaled:
            self._signaled = True
            os.kill(os.getpid(), signal.SIGTERM)
        if unanswered > (_SECONDS_TO_UNWIND if self._own_process else 0):
            self._force_end(self._stop)

    def _force_end(self, reason: StopReason) -> None:
        log.error("job_does_not_stop", job=self._spec.id, run_id=self._run_id, reason=reason.value)
        try:
            with unit_of_work():
                record_stopped_run(self._run_id, self._spec, reason)
        finally:
            if self._own_process:
                kill_process(os.getpid(), None)
        self._ended.set()


def record_stopped_run(run_id: int, spec: JobSpec, reason: StopReason) -> None:
    """Write down how a stopped run ended."""
    if reason is StopReason.CANCELLED:
        cancel_run(run_id)
    elif reason is StopReason.LATE:
        fail_run(run_id, RunMessage(RunCode.TOO_LONG, {"minutes": spec.deadline.total_seconds() / 60}), "deadline")
    elif reason is StopReason.TERMINATED:
        fail_run(run_id, RunMessage(RunCode.TERMINATED), "SIGTERM")
