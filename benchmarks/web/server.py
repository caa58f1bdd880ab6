"""Starts the server of a checkout as `make run` does, and the bare page beside it."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.web.processes import cpu_seconds

HERE = Path(__file__).resolve().parents[2]
_SERVED = ("--config", "webapp/jobs/gunicorn_hooks.py", "wsgi:app")
_START_SECONDS = 120


@dataclass(frozen=True)
class Site:
    """What is served: a checkout's code on a database, with the models of an instance folder."""

    checkout: Path
    instance: Path
    database: str
    workers: int = 2

    def environment(self) -> dict[str, str]:
        """What its commands need. No job starts beside the measuring, and nobody is limited."""
        return os.environ | {
            "FLASK_APP": "wsgi.py",
            "WAYMARK_INSTANCE_DIR": str(self.instance),
            "WAYMARK_DATABASE_URL": self.database,
            "WAYMARK_SCHEDULER": "off",
            "WAYMARK_RATE_LIMITS": "off",
            "WAYMARK_LOG_LEVEL": "WARNING",
            "WORKERS": str(self.workers),
        }

    @property
    def python(self) -> str:
        """The interpreter of the checkout's environment."""
        return str(self.checkout / ".venv" / "bin" / "python")


@dataclass(frozen=True)
class Server:
    """A running server: its parent process and its port."""

    pid: int
    port: int

    def cpu(self) -> float:
        """Seconds of CPU it has used so far, all processes together."""
        return sum(cpu_seconds(self.pid).values())


@contextmanager
def serve(site: Site) -> Iterator[Server]:
    """The checkout's own server."""
    with _started(site, [site.python, "-m", "gunicorn", *_SERVED], site.checkout, {}) as server:
        yield server


@contextmanager
def serve_bare(site: Site) -> Iterator[Server]:
    """The bare page under plain Gunicorn: the same yardstick for every checkout."""
    settings = ("--worker-class", "gthread", "--threads", "4", "--workers", str(site.workers), "--no-control-socket")
    command = [site.python, "-m", "gunicorn", *settings, "benchmarks.web.bare:app"]
    with _started(site, command, HERE, {"PYTHONPATH": str(HERE)}, bind=True) as server:
        yield server


@contextmanager
def _started(site: Site, command: list[str], folder: Path, extra: dict[str, str], bind: bool = False) -> Iterator[Server]:
    port = _free_port()
    command = [*command, "--bind", f"127.0.0.1:{port}"] if bind else command
    env = site.environment() | {"PORT": str(port)} | extra
    with (site.instance / "bench-server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
    try:
        _wait_until_up(port, process)
        yield Server(process.pid, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server did not start; see bench-server.log in the instance folder.")
