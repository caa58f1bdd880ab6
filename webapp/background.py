"""Starts declared jobs in processes of their own, and knows such a process for sure; runs short work beside a request.

`flask jobs run NAME --run ID` takes the queued run up, whoever asked for it: the scheduler, a page, a command.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress

import structlog
from flask import Flask, current_app

from webapp.config import ROOT, Settings

log = structlog.get_logger(__name__)

_NICENESS = 10


class Background:
    """Starts processes for one installation; `app_file` is what `flask --app` is given in them."""

    def __init__(self, settings: Settings, app_file: str = "wsgi.py") -> None:
        self._settings = settings
        self._app_file = app_file

    def start_job_process(self, job_id: str, run_id: int) -> None:
        """Start the process that takes up the queued run. It outlives the worker that asked for it. Raises OSError."""
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and command
            [sys.executable, "-m", "flask", "--app", self._app_file, "jobs", "run", job_id, "--run", str(run_id)],
            cwd=ROOT,
            env=os.environ | self._environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, child.pid, os.getpriority(os.PRIO_PROCESS, 0) + _NICENESS)  # pages go first
        # A child that has ended stays in the process table until its parent collects it.
        threading.Thread(target=child.wait, name=f"{COLLECTOR}{run_id}", daemon=True).start()

    def _environment(self) -> dict[str, str]:
        """What the process must agree on with this one, whether it came from variables or not."""
        return {
            "WAYMARK_ENV": self._settings.environment,
            "WAYMARK_INSTANCE_DIR": str(self._settings.instance_dir),
            "WAYMARK_DATABASE_URL": self._settings.database_url,
            "WAYMARK_LOG_LEVEL": self._settings.log_level,
        }


COLLECTOR = "background-run-"
"""Threads of this name wait for the end of the processes this one has started."""


def init_background(app: Flask) -> None:
    """Attach the way to start processes to the application."""
    app.extensions["background"] = Background(app.extensions["settings"])


def start_run(job_id: str, run_id: int) -> None:
    """Start the process of a queued run the way this application does it."""
    background: Background = current_app.extensions["background"]
    background.start_job_process(job_id, run_id)


def run_in_own_context(work: Callable[[], object], executor: Executor | None = None) -> None:
    """Run work with an application context and a database session of its own: in a thread of the executor, else here and now.

    A failure is logged; nobody waits for it.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def run() -> None:
        try:
            with app.app_context():
                work()
        except Exception:
            log.exception("work_apart_failed")

    if executor is None:
        run()
    else:
        executor.submit(run)


def process_birth(pid: int) -> int | None:
    """When the process began, in ticks since the machine did; None where the system does not tell or it has ended."""
    state = _proc_stat_fields(pid)
    return None if state is None or state[0] in ("Z", "X") else int(state[19])


def is_running(pid: int, birth: int | None = None) -> bool:
    """Whether the process exists, and is the one of that birth; one that has ended and waits to be collected does not count."""
    if not os.path.isdir("/proc/self"):
        return _signal_reaches(pid)
    known = process_birth(pid)
    return known is not None and birth in (None, known)


def kill_process(pid: int, birth: int | None) -> None:
    """End the process at once, with its group where it leads one of its own. Nothing happens when it has ended."""
    if not is_running(pid, birth):
        return
    try:
        if os.getpgid(pid) == os.getsid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _proc_stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _signal_reaches(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
