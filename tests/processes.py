"""Processes that tests start: each in a session of its own that ends with the test, and a search for those that did not end."""

import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.waiting import until

MARK = "TEST_PROCESSES_OF"
"""The variable every process started below this one inherits, also when its parents have ended."""
_STARTED = "TEST_STARTED"  # tells apart what each process of a test has started
_PROC = Path("/proc")
_HELPERS = ("multiprocessing.resource_tracker",)  # one a process, ends with it


@dataclass(frozen=True)
class Running:
    """A process that has not ended."""

    pid: int
    parent: int
    command: str

    @property
    def test(self) -> str:
        """The test during which it was started, as far as that is known."""
        return _variables(self.pid).get("PYTEST_CURRENT_TEST", "")

    def __str__(self) -> str:
        return f"{self.pid} {self.command[:200]} {self.test}".strip()


def mark_own() -> None:
    """Let all that this process starts from now on be known as its own."""
    os.environ[MARK] = f"{os.getpid()}-{os.urandom(4).hex()}"


def children() -> list[Running]:
    """Those this process has started itself."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)  # the usual answer, without a look at the whole machine
    except ChildProcessError:
        return []
    lists = list((_PROC / "self/task").glob("*/children"))  # not every kernel keeps them
    if not lists:
        return [process for process in _all() if process.parent == os.getpid()]
    found = (_look(int(pid)) for file in lists for pid in _read(file).split())
    return [process for process in found if process is not None]


def descendants() -> list[Running]:
    """All that come from this process: by their parents, and by the mark where these have ended."""
    everyone, below = _all(), {os.getpid()}
    while more := {process.pid for process in everyone if process.parent in below} - below:
        below |= more
    own = os.environ.get(MARK)
    return [p for p in everyone if p.pid != os.getpid() and (p.pid in below or (own and _variables(p.pid).get(MARK) == own))]


def with_variable(name: str, value: str) -> list[Running]:
    """Those that were started with a variable of this value."""
    return [process for process in _all() if process.pid != os.getpid() and _variables(process.pid).get(name) == value]


def end(processes: Sequence[Running]) -> None:
    """Kill them and wait until they are gone."""
    if not processes:
        return
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    until(lambda: not {p.pid for p in processes} & {p.pid for p in _all()}, "processes to end that were killed")


def is_running(pid: int) -> bool:
    """Whether it exists and has not ended."""
    return _look(pid) is not None


@contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in a session of its own; at the end it is killed with all that it has started, jobs in sessions of their own too."""
    own = os.urandom(8).hex()
    env = {**options.pop("env", os.environ), _STARTED: own}
    with subprocess.Popen(command, start_new_session=True, env=env, **options) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            end(with_variable(_STARTED, own))


def free_port() -> int:
    """Below those the system hands out to whoever connects somewhere, so that none is taken before the server has it."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _all() -> list[Running]:
    found = (_look(int(path.name)) for path in _PROC.iterdir() if path.name.isdigit())
    return [process for process in found if process is not None]


def _look(pid: int) -> Running | None:
    try:
        state, parent = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
        command = (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if state in ("Z", "X") or any(name in command for name in _HELPERS):
        return None
    return Running(pid, int(parent), command)


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (FileNotFoundError, ProcessLookupError):  # of a thread that has ended meanwhile
        return ""


def _variables(pid: int) -> dict[str, str]:
    try:
        entries = (_PROC / str(pid) / "environ").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return {}
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)
