"""What the web benchmark counts is what happened."""

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.web.client import Client, imported_files, linked_files
from benchmarks.web.loops import closed_loop, open_loop, planned_times
from benchmarks.web.multiply import multiply
from benchmarks.web.processes import cpu_seconds, family, file_megabytes, own_megabytes
from benchmarks.web.storage import stored_bytes
from tests.processes import started

PAGE = """<link rel="stylesheet" href="/static/a.css"><script src="/static/a.js"></script>
<svg><use href="/static/icons.svg#star"></use></svg><a href="/courses/one">One</a><img src="/covers/one.svg">"""
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: session=one; Path=/\r\n\r\nhello"


@pytest.fixture
def port() -> Iterator[int]:
    """A server that gives two answers on one connection and closes it, again and again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    for _ in range(2):
                        if not connection.recv(4096):
                            break
                        connection.sendall(ANSWER)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_client_counts_every_byte_keeps_cookies_and_comes_back(port: int) -> None:
    with Client(port) as client:
        assert [client.get("/").wire for _ in range(5)] == [len(ANSWER)] * 5
        assert client.cookies == {"session": "one"}


def test_files_of_a_page() -> None:
    assert linked_files(PAGE) == {"/static/a.css", "/static/a.js", "/static/icons.svg"}
    assert imported_files("/static/1/css/a.css", '@import url("b.css");\n@import url("../vendor/c.css") layer(x);') == {
        "/static/1/css/b.css",
        "/static/1/vendor/c.css",
    }


def test_planned_times_keep_their_rate_and_their_seed() -> None:
    times = list(planned_times(50, 100, seed=1))
    assert times == list(planned_times(50, 100, seed=1)) != list(planned_times(50, 100, seed=2))
    assert times == sorted(times)
    assert 4500 < len(times) < 5500


def test_an_open_loop_counts_waiting_from_the_plan() -> None:
    """One client, each answer takes longer than the gap: waits grow, however quick each single answer is."""
    result = open_loop(lambda: time.sleep(0.05) is None, rate=100, seconds=0.5, clients=1)
    assert result.failed == 0
    assert len(result.waits) == len(list(planned_times(100, 0.5, seed=7)))
    assert max(result.waits) > 0.05 * (len(result.waits) - 1) - 0.5
    assert result.late > 0


def test_failures_of_an_open_loop_are_counted_apart() -> None:
    result = open_loop(lambda: False, rate=100, seconds=0.2)
    assert result.waits == []
    assert result.failed == len(list(planned_times(100, 0.2, seed=7)))


def test_a_closed_loop_counts_all_clients() -> None:
    asked: list[int] = []
    result = closed_loop([lambda: asked.append(1), lambda: asked.append(2)], 0.05)
    assert result.answers == len(asked)
    assert result.per_second == result.answers / result.seconds


def test_a_family_is_measured_with_its_children() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(sum(range(10**7)), flush=True); input()'])"
    with started([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        members = set(family(process.pid))
        assert process.pid in members
        assert len(members) == 2
        assert os.getpid() not in members
        assert set(cpu_seconds(process.pid)) == set(own_megabytes(process.pid)) == members
        assert sum(cpu_seconds(process.pid).values()) > 0
        files = file_megabytes(process.pid)
        assert any("python" in name for name in files)
        assert all(0 <= size < 1000 for size in files.values())


def test_stored_bytes_grow_with_what_is_stored(tmp_path: Path) -> None:
    path = f"{tmp_path}/one.db"
    connection = sqlite3.connect(path)
    connection.execute("create table t (x)")
    connection.commit()
    before = stored_bytes(f"sqlite:///{path}")
    connection.execute("insert into t values (zeroblob(100000))")
    connection.commit()
    connection.close()
    assert 90_000 <= stored_bytes(f"sqlite:///{path}") - before < 120_000


def test_imported_learners_are_multiplied_and_nobody_else(tmp_path: Path) -> None:
    path = str(tmp_path / "site.db")
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """
            create table users (id integer primary key, source, role, fs_uniquifier unique, external_id, email unique);
            create table enrollments (id integer primary key, user_id integer, course_id integer, unique (user_id, course_id));
            create table events (id integer primary key, user_id integer, client_id text unique);
            create table courses (id integer primary key, enrollment_count integer, completion_count integer);
            insert into users values (1, 'x', 'creator', 'a', '7', 'a@a'), (2, 'x', 'learner', 'b', '8', 'b@b');
            insert into users values (3, null, 'learner', 'c', null, 'c@c');
            insert into enrollments values (1, 2, 1), (2, 3, 1);
            insert into events values (1, 2, 'e'), (2, 3, 'f'), (3, null, 'g');
            insert into courses values (1, 2, 1);
            """
        )
    assert multiply(path, 3) == {"users": 5, "enrollments": 4, "events": 5}
    with sqlite3.connect(path) as connection:
        assert connection.execute("select * from courses").fetchall() == [(1, 6, 3)]
        assert connection.execute("select user_id from enrollments order by 1").fetchall() == [(2,), (3,), (5,), (8,)]
        assert connection.execute("select client_id from events where user_id > 3 order by 1").fetchall() == [("e-1",), ("e-2",)]
