"""One scheduler among any number of processes; when it is killed, another takes over."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from tests.settings import ADMIN_URL
from webapp.config import ROOT
from webapp.jobs.leader import AdvisoryLock, FileLock, Lock, scheduler_lock

DEADLINE = 180.0


@pytest.fixture(params=["sqlite", "postgresql"])
def lock_pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Lock, Lock]]:
    """Two holders that contend for one lock."""
    if request.param == "sqlite":
        locks: tuple[Lock, Lock] = (FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock"))
    else:
        url = _postgres_url(request)
        locks = (AdvisoryLock(url), AdvisoryLock(url))
    yield locks
    for lock in locks:
        lock.release()


def _postgres_url(request: pytest.FixtureRequest) -> str:
    if not ADMIN_URL:
        pytest.skip("needs WAYMARK_TEST_DATABASE_URL")
    request.getfixturevalue("application")  # makes the tables
    return request.getfixturevalue("database_url")  # type: ignore[no-any-return]


def test_only_one_holds_the_lock_until_it_lets_go(lock_pair: tuple[Lock, Lock]) -> None:
    first, second = lock_pair
    assert first.acquire()
    assert first.held()
    assert not second.acquire()
    assert not second.held()
    first.release()
    assert not first.held()
    assert second.acquire()


def test_acquiring_twice_is_harmless(lock_pair: tuple[Lock, Lock]) -> None:
    first, second = lock_pair
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()


def test_a_removed_lock_file_ends_the_leadership(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    first.path.unlink()
    assert second.acquire()
    assert not first.held()
    second.release()


def test_a_cut_connection_ends_the_leadership(request: pytest.FixtureRequest) -> None:
    url = _postgres_url(request)
    first, second = AdvisoryLock(url), AdvisoryLock(url)
    assert first.acquire()
    assert first._connection is not None
    pid = first._connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
    with second._engine.connect() as connection:
        connection.exec_driver_sql(f"select pg_terminate_backend({pid})")
    _wait_for(lambda: not first.held(), "the first to notice")
    _wait_for(second.acquire, "the second to take over")
    second.release()
    first.release()


def test_an_unreachable_database_elects_nobody(tmp_path: Path) -> None:
    lock = AdvisoryLock(f"postgresql://nobody@/none?host={tmp_path}")
    assert not lock.acquire()
    assert not lock.held()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_killed_scheduler_is_replaced(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if database == "sqlite":
        app: Flask = request.getfixturevalue("separate_app")
        url = app.extensions["settings"].database_url
    else:
        url = _postgres_url(request)
    with _contenders(url, tmp_path, 3) as contenders:
        first = _elected(contenders)
        assert len(first) == 1
        first[0].kill()
        first[0].wait()
        rest = {name: process for name, process in contenders.items() if process is not first[0]}
        assert len(_elected(rest)) == 1


@contextmanager
def _contenders(url: str, folder: Path, count: int) -> Iterator[dict[Path, "subprocess.Popen[bytes]"]]:
    """Processes that have all begun to contend, by the file they write to."""
    command = [sys.executable, "-m", "tests.webapp.jobs.contender", url, str(folder / "shared")]
    running: dict[Path, subprocess.Popen[bytes]] = {}
    try:
        for number in range(count):
            output = folder / f"contender-{number}"
            with output.open("wb") as file:
                running[output] = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
        _wait_for(lambda: all("ready" in output.read_text() for output in running), "all to be ready", running)
        yield running
    finally:
        for process in running.values():
            process.kill()
            process.wait()


def _elected(contenders: dict[Path, "subprocess.Popen[bytes]"]) -> list["subprocess.Popen[bytes]"]:
    """Those that lead, once somebody does and everybody has had the time to try a few times more."""

    def leading() -> list["subprocess.Popen[bytes]"]:
        return [process for output, process in contenders.items() if "leading" in output.read_text()]

    _wait_for(lambda: bool(leading()), "a leader", contenders)
    time.sleep(1)
    return leading()


def _wait_for(condition: Callable[[], bool], what: str, contenders: dict[Path, "subprocess.Popen[bytes]"] | None = None) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            told = "\n".join(output.read_text() for output in contenders or ())
            pytest.fail(f"waited {DEADLINE:.0f} s for {what}\n{told}")
        time.sleep(0.05)


def test_the_lock_fits_the_database(separate_app: Flask) -> None:
    from dataclasses import replace

    settings = separate_app.extensions["settings"]
    assert isinstance(scheduler_lock(settings), FileLock)
    assert isinstance(scheduler_lock(replace(settings, database_url="postgresql:///waymark")), AdvisoryLock)
