"""The worker: spreads connections, finishes what was asked, refuses what is too large."""

import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from waitress.task import ThreadedTaskDispatcher

from tests.waiting import PATIENCE, until
from tests.webapp.server.running import ANSWER, Running, running
from webapp.server import worker
from webapp.server.connection_counts import ConnectionCounts

CONFIGURATION = """
import os
bind = f"127.0.0.1:{os.environ['PORT']}"
worker_class = "webapp.server.worker.BufferingWorker"
workers, threads, control_socket_disable = 2, 4, True
graceful_timeout = 1_000  # longer than a test waits: who ends has ended by itself
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    configuration = tmp_path / "gunicorn.conf.py"
    configuration.write_text(CONFIGURATION)
    with running(["--config", str(configuration), "tests.webapp.server.small_app:app"], tmp_path / "server.log", {}) as server:
        yield server


def test_kept_connections_go_to_both_workers(server: Running) -> None:
    with ExitStack() as held:
        until(lambda: len({_kept(server, held) for _ in range(3)}) == 2, "both workers have started")
    with ExitStack() as held:
        seen = Counter(_kept(server, held) for _ in range(12))
    assert len(seen) == 2
    assert min(seen.values()) >= 3


def _kept(server: Running, held: ExitStack) -> bytes:
    """Which worker answers on a new connection that stays open."""
    connection = held.enter_context(closing(HTTPConnection("127.0.0.1", server.port, timeout=ANSWER)))
    connection.request("GET", "/")
    return connection.getresponse().read()


def test_a_request_that_has_begun_is_answered_before_the_server_ends(server: Running) -> None:
    answers: list[tuple[int, bytes]] = []
    asking = threading.Thread(target=lambda: answers.append(server.get("/slow")))
    asking.start()
    until(lambda: "slow request begun" in server.log.read_text(), "the request has begun")
    server.process.send_signal(signal.SIGTERM)
    asking.join()
    assert [status for status, _ in answers] == [200]
    assert server.process.wait(PATIENCE) == 0


def test_half_a_request_does_not_keep_a_server_from_ending(server: Running) -> None:
    with server.connect() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nhalf")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0


FORKED_AND_WAITING = """
import pathlib, time
workers = 1
here = pathlib.Path(__file__).parent

def post_fork(server, worker):
    (here / f"forked-{worker.pid}").touch()
    while not (here / "go").exists():
        time.sleep(.01)
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_worker_told_to_end_while_it_is_forked_ends(tmp_path: Path, ending: signal.Signals) -> None:
    configuration = tmp_path / "gunicorn.conf.py"
    configuration.write_text(CONFIGURATION + FORKED_AND_WAITING)
    (tmp_path / "go").touch()
    with running(["--config", str(configuration), "tests.webapp.server.small_app:app"], tmp_path / "server.log", {}) as server:
        before = _forked(tmp_path)
        (tmp_path / "go").unlink()
        server.process.send_signal(signal.SIGTTIN)  # one worker more
        until(lambda: _forked(tmp_path) - before, "another worker is forked")
        (worker,) = _forked(tmp_path) - before
        os.kill(worker, ending)
        (tmp_path / "go").touch()
        until(lambda: not Path(f"/proc/{worker}").exists(), "the worker has ended")
        assert server.get("/")[0] == 200
        server.process.send_signal(signal.SIGTERM)  # it is listened to after the fork
        assert server.process.wait(PATIENCE) == 0


def _forked(folder: Path) -> set[int]:
    return {int(path.name.removeprefix("forked-")) for path in folder.glob("forked-*")}


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 900000000\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\nHost: here\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked, identity\r\n\r\n", b"501"),
        (b"GET / HTTP/1.1\r\nHost: here\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET http://[x]/ HTTP/1.1\r\nHost: here\r\n\r\n", b"400"),
    ],
)
def test_what_is_too_large_or_malformed_is_refused_at_once(server: Running, request_head: bytes, status: bytes) -> None:
    with server.connect() as client:
        client.sendall(request_head)
        assert _read(client).split()[1] == status


def test_what_follows_an_ambiguous_request_is_not_taken_for_another(server: Running) -> None:
    with server.connect() as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n"
        )
        client.sendall(b"Host: here\r\nConnection: close\r\n\r\n")
        answers = b""
        with suppress(ConnectionResetError):
            while part := client.recv(1000):
                answers += part
    assert answers.startswith(b"HTTP/1.1 400")
    assert answers.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("opening", [b"", b"GET / HTTP/1.1\r\nHost: h", b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nhalf"])
def test_however_many_hold_connections_without_asking_the_next_is_answered(tmp_path: Path, opening: bytes) -> None:
    configuration = tmp_path / "gunicorn.conf.py"
    limit = "from webapp.server import worker\nworker._OPTIONS['connection_limit'] = 30\nworkers = 1\n"
    configuration.write_text(CONFIGURATION + limit)
    with (
        running(["--config", str(configuration), "tests.webapp.server.small_app:app"], tmp_path / "server.log", {}) as server,
        ExitStack() as held,
    ):
        for _ in range(100):
            held.enter_context(server.connect()).sendall(opening)
        assert [server.get("/")[0] for _ in range(5)] == [200] * 5


def _read(client: socket.socket) -> bytes:
    try:
        return client.recv(1000)
    except ConnectionResetError:
        pytest.fail("reset without an answer")


def test_a_worker_accepts_no_second_connection_before_others_have_said_how_many_they_have(monkeypatch) -> None:
    counts = ConnectionCounts()
    monkeypatch.setattr(worker, "_counts", counts)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening, ExitStack() as held:
        listener = worker._TcpListener(lambda *_: [], {}, _sock=listening, dispatcher=ThreadedTaskDispatcher(), bind_socket=False)
        held.callback(listener.close)
        listener.slot = 1
        counts.record_count(2, 4)  # who have all gone, which the other worker has not noticed yet
        for _ in range(2):
            held.enter_context(socket.create_connection(listening.getsockname()))
        listener.handle_accept()
        assert len(listener.active_channels) == 1
        listener.handle_accept()
        assert len(listener.active_channels) == 1
        counts.record_count(2, 0)
        listener.handle_accept()
        assert len(listener.active_channels) == 1, "the other one has fewer"
        counts.record_count(2, 1)
        listener.handle_accept()
        assert len(listener.active_channels) == 2
        for channel in list(listener.active_channels.values()):
            channel.handle_close()


def test_counts_of_those_who_are_gone_do_not_count() -> None:
    counts = ConnectionCounts()
    counts.record_count(1, 5)
    counts.record_count(2, 3)
    assert counts.another_has_fewer(1, 5)
    assert not counts.another_has_fewer(2, 3)
    counts.remove_worker(2)
    assert not counts.another_has_fewer(1, 5)
