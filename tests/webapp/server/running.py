"""Starts servers in processes of their own and ends them with everything they have started."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.processes import free_port, started
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[3]
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


@contextmanager
def running(arguments: list[str], log: Path, env: dict[str, str]) -> Iterator[Running]:
    """Gunicorn with these arguments on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", *arguments]
    env = os.environ | env | {"PORT": str(port)}
    with log.open("wb") as output, started(command, cwd=ROOT, env=env, stdout=output, stderr=output) as process:
        server = Running(process, port, log)
        until(lambda: process.poll() is not None or _answers(server), "the server to answer")
        assert process.poll() is None, log.read_text()[-3000:]
        yield server
        process.terminate()
        process.wait(PATIENCE)


def _answers(server: Running) -> bool:
    try:
        return server.get("/healthz")[0] == 200
    except OSError:
        return False
