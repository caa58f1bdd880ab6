"""One scheduler among any number of processes; when it is killed, another takes over."""

import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask

from tests.processes import started
from tests.settings import ADMIN_URL
from tests.waiting import until
from webapp.config import ROOT
from webapp.jobs.leader_lock import AdvisoryLock, FileLock, Lock, scheduler_lock


@pytest.fixture
def lock_pair(committing_app: Flask) -> Iterator[tuple[Lock, Lock]]:
    """Two holders that contend for one lock, of the kind that fits the database the run is for."""
    settings = committing_app.extensions["settings"]
    locks = (scheduler_lock(settings), scheduler_lock(settings))
    yield locks
    for lock in locks:
        lock.release()


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


@pytest.mark.skipif(not ADMIN_URL, reason="needs WAYMARK_TEST_DATABASE_URL")
def test_a_cut_connection_ends_the_leadership(lock_pair: tuple[AdvisoryLock, AdvisoryLock]) -> None:
    first, second = lock_pair
    assert first.acquire()
    assert first._connection is not None
    pid = first._connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
    with second._engine.connect() as connection:
        connection.exec_driver_sql(f"select pg_terminate_backend({pid})")
    until(lambda: not first.held(), "the first to notice")
    until(second.acquire, "the second to take over")


def test_an_unreachable_database_elects_nobody(tmp_path: Path) -> None:
    lock = AdvisoryLock(f"postgresql://nobody@/none?host={tmp_path}")
    assert not lock.acquire()
    assert not lock.held()


def test_a_killed_scheduler_is_replaced(committing_app: Flask, tmp_path: Path) -> None:
    url = committing_app.extensions["settings"].database_url
    with _contenders(url, tmp_path, 3) as contenders:
        first = _elected(contenders)
        assert len(first) == 1
        contenders[first[0]].kill()
        contenders[first[0]].wait()
        rest = {output: process for output, process in contenders.items() if output != first[0]}
        assert len(_elected(rest)) == 1


@contextmanager
def _contenders(url: str, folder: Path, count: int) -> Iterator[dict[Path, "subprocess.Popen[bytes]"]]:
    """Processes that stand for election, by the file they write to."""
    command = [sys.executable, "-m", "tests.webapp.jobs.contender", url, str(folder / "shared")]
    with ExitStack() as stack:
        running = {}
        for number in range(count):
            output = folder / f"contender-{number}"
            file = stack.enter_context(output.open("wb"))
            running[output] = stack.enter_context(started(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT))
        yield running


def _elected(contenders: Collection[Path]) -> list[Path]:
    """Those that lead, once somebody does and each of the others has tried twice since then."""

    def said() -> dict[Path, list[str]]:
        return {output: output.read_text().split() for output in contenders}

    def leading() -> list[Path]:
        return [output for output, words in said().items() if "leading" in words]

    def everyone_has_tried() -> bool:
        return all("leading" in words or words.count("refused") >= before[output].count("refused") + 2 for output, words in said().items())

    until(leading, "a leader", lambda: str(said()))
    before = said()
    until(everyone_has_tried, "the others to try", lambda: str(said()))
    return leading()


def test_the_lock_fits_the_database(separate_app: Flask) -> None:
    from dataclasses import replace

    settings = separate_app.extensions["settings"]
    assert isinstance(scheduler_lock(settings), FileLock)
    assert isinstance(scheduler_lock(replace(settings, database_url="postgresql:///waymark")), AdvisoryLock)
