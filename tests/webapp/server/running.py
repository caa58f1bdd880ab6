"""Starts servers in processes of their own and ends them with everything they have started."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DEADLINE = 60.0
ANSWER = 30.0  # a blocked server never answers while connections are held; a busy machine answers late


@dataclass(frozen=True)
class Running:
    """A server's parent process, its port and where it logs."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body, over a connection of its own."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=ANSWER)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        """A bare connection."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(ANSWER)
        client.connect(("127.0.0.1", self.port))
        return client

    def workers(self) -> set[int]:
        """Process ids of the workers."""
        return {int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()}


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for what is meant, at most a minute."""
    until = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"not within a minute: {what}")
        time.sleep(0.05)


@contextmanager
def running(arguments: list[str], log: Path, env: dict[str, str]) -> Iterator[Running]:
    """Gunicorn with these arguments on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | env | {"PORT": str(port)}, stdout=output, stderr=output)
    server = Running(process, port, log)
    try:
        wait_until(lambda: process.poll() is not None or _answers(server), "the server answers")
        assert process.poll() is None, log.read_text()[-3000:]
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=DEADLINE)


def _answers(server: Running) -> bool:
    try:
        return server.get("/healthz")[0] == 200
    except OSError:
        return False
