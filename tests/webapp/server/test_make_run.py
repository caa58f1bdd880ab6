"""The server as `make run` starts it stands half-sent requests, readers that do not read, and the death of a worker."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.waiting import until
from tests.webapp.server.running import ANSWER, ROOT, Running, running
from webapp.server.worker import MOST_PIPELINED

HELD = 50
HALF_SENT = {
    "half the headers": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half",
    "half a body": b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nemail=ada",
    "half a chunk": b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nemail",
    "nothing": b"",
    "no wish to read": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An empty installation, served by two workers, with a scheduler."""
    instance = tmp_path_factory.mktemp("served")
    env = {
        "FLASK_APP": "wsgi.py",
        "WAYMARK_INSTANCE_DIR": str(instance),
        "WAYMARK_DATABASE_URL": f"sqlite:///{instance}/waymark.db",
        "WAYMARK_LOG_LEVEL": "WARNING",
        "WORKERS": "2",
    }
    subprocess.run(
        [sys.executable, "-m", "flask", "prepare", "--no-sample"], cwd=ROOT, env=os.environ | env, check=True, capture_output=True
    )
    with running(["--config", "webapp/jobs/gunicorn_hooks.py", "wsgi:app"], instance / "server.log", env) as server:
        yield server


@pytest.mark.parametrize("sent", HALF_SENT.values(), ids=HALF_SENT)
def test_fifty_held_connections_keep_nobody_out(site: Running, sent: bytes) -> None:
    with ExitStack() as held:
        for _ in range(HELD):
            held.enter_context(site.connect(receive_buffer=2048)).sendall(sent)
        for path in ("/healthz", "/", "/login", "/healthz"):
            assert site.get(path)[0] == 200


def test_whoever_asks_for_much_at_once_and_reads_nothing_keeps_no_thread(site: Running) -> None:
    script = re.search(rb'src="(/static/[^"]+htmx[^"]+)"', site.get("/login")[1])
    assert script is not None
    request = b"GET " + script[1] + b" HTTP/1.1\r\nHost: here\r\n\r\n"
    with ExitStack() as held:
        clients = [held.enter_context(site.connect(receive_buffer=2048)) for _ in range(24)]
        for client in clients:
            client.setblocking(False)
            with suppress(BlockingIOError):
                client.send(request * (65_000 // len(request)))
        for _ in range(60):  # by then threads that wait for readers would be all there are
            assert site.get("/healthz")[0] == 200
        client = clients[0]
        client.settimeout(ANSWER)
        read = b"".join(iter(lambda: client.recv(65_536), b""))  # to the end: the connection closes
        assert MOST_PIPELINED <= read.count(b"HTTP/1.1 200 OK") < 100
        assert read.count(b"Connection: close") == 1


def test_one_worker_schedules_and_another_takes_over(site: Running) -> None:
    until(lambda: len(site.workers()) == 2, "two workers")
    lock = site.log.parent / "scheduler.lock"
    leader: Callable[[], int] = lambda: int(lock.read_text().split()[1]) if lock.exists() and lock.read_text().strip() else 0  # noqa: E731
    until(lambda: leader() in site.workers(), "a worker leads")
    killed = leader()
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(site.workers() - {killed}) == 2, "the killed worker is replaced")
    until(lambda: leader() in site.workers() - {killed}, "another worker leads")
    assert site.get("/")[0] == 200
