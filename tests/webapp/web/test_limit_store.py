"""Guesses are counted by all workers of a machine together."""

import os
import resource
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from limits import RateLimitItemPerMinute
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from tests.settings import test_settings
from tests.tables import make_tables
from webapp.extensions import limiter
from webapp.factory import create_app
from webapp.web import limit_store
from webapp.web.limit_store import FileStorage
from webapp.web.logs import configure_logging


@pytest.fixture(autouse=True)
def logs(tmp_path: Path) -> None:
    """As the application writes them: Structlog's own default fails on a full disk."""
    configure_logging(test_settings("sqlite://", tmp_path))


@pytest.fixture
def worker(tmp_path: Path) -> Callable[[], FileStorage]:
    """A storage as one worker opens it."""

    def start() -> FileStorage:
        storage = storage_from_string(f"file://{tmp_path}/limits.db")
        assert isinstance(storage, FileStorage)
        return storage

    return start


def test_two_workers_share_one_count(worker: Callable[[], FileStorage]) -> None:
    first, second = worker(), worker()
    assert [first.incr("a", 60), second.incr("a", 60), first.incr("b", 60)] == [1, 2, 1]
    assert (first.get("a"), second.get("b"), first.get("nobody")) == (2, 1, 0)
    second.clear("a")
    assert first.get("a") == 0
    first.reset()
    assert second.get("b") == 0
    assert first.check()


def test_a_window_ends(worker: Callable[[], FileStorage]) -> None:
    strategy, item = FixedWindowRateLimiter(worker()), RateLimitItemPerMinute(2)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        assert [strategy.hit(item, "ada") for _ in range(3)] == [True, True, False]
        assert strategy.get_window_stats(item, "ada").reset_time == 1_800_000_060
        clock.shift(61)
        assert strategy.hit(item, "ada")


def test_a_window_begun_by_a_clock_that_was_ahead_ends_with_it(worker: Callable[[], FileStorage]) -> None:
    strategy, item = FixedWindowRateLimiter(worker()), RateLimitItemPerMinute(2)
    with time_machine.travel(1_900_000_000, tick=False):
        assert [strategy.hit(item, "ada") for _ in range(3)] == [True, True, False]
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        assert [strategy.hit(item, "ada") for _ in range(3)] == [True, True, False]
        clock.shift(-1)
        assert not strategy.hit(item, "ada")


def test_no_guess_is_lost_when_many_come_at_once(worker: Callable[[], FileStorage]) -> None:
    storage = worker()
    threads = [threading.Thread(target=lambda: [storage.incr("a", 60) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert storage.get("a") == 80


def damage_garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)


def damage_middle(path: Path) -> None:
    FileStorage(f"file://{path}").incr("before", 60)
    with sqlite3.connect(path) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    path.write_bytes(whole)


def damage_other_table(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table counts (name text)")


def damage_emptied(path: Path) -> None:
    path.touch()


@pytest.mark.parametrize("damage", [damage_garbage, damage_middle, damage_other_table, damage_emptied])
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "limits.db"
    damage(path)
    first, second = FileStorage(f"file://{path}"), FileStorage(f"file://{path}")
    assert [first.incr("a", 60), second.incr("a", 60)] == [1, 2]
    assert first.check()


def test_a_file_damaged_or_removed_under_a_running_worker_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "limits.db"
    first, second = FileStorage(f"file://{path}"), FileStorage(f"file://{path}")
    first.incr("a", 60)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    assert [first.incr("a", 60), second.incr("a", 60)] == [1, 2]
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    damage_garbage(path)
    assert [first.incr("a", 60), second.incr("a", 60)] == [1, 2]


@contextmanager
def folder_in_its_place(folder: Path) -> Iterator[None]:
    (folder / "limits.db" / "inside").mkdir(parents=True)
    yield
    assert (folder / "limits.db" / "inside").is_dir()


@contextmanager
def read_only_folder(folder: Path) -> Iterator[None]:
    folder.chmod(0o555)
    identity = os.geteuid()
    if identity == 0:  # nothing is read-only to root
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(identity)
        folder.chmod(0o755)


@contextmanager
def missing_folder(folder: Path) -> Iterator[None]:
    folder.rmdir()
    yield


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    path = folder / "limits.db"
    FileStorage(f"file://{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """No file may grow: what a full disk does to SQLite."""
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("trouble", [folder_in_its_place, read_only_folder, missing_folder, locked, full_disk])
def test_without_a_file_a_process_counts_in_memory(trouble: Callable[[Path], AbstractContextManager[None]]) -> None:
    with tempfile.TemporaryDirectory() as name:  # where others may look, unlike pytest's own folders
        folder = Path(name) / "instance"
        folder.mkdir()
        Path(name).chmod(0o755)
        with trouble(folder):
            storage = FileStorage(f"file://{folder}/limits.db")
            assert [storage.incr("a", 60), storage.incr("a", 60), storage.get("a")] == [1, 2, 2]
            assert storage.get_expiry("a") > time.time()
            assert not storage.check()
            storage.clear("a")
            assert storage.get("a") == 0


def test_the_file_is_taken_up_when_it_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit_store, "RETRY_SECONDS", 0.0)
    path = tmp_path / "later" / "limits.db"
    storage = FileStorage(f"file://{path}")
    assert not storage.check()
    path.parent.mkdir()
    assert storage.incr("a", 60) == 1
    assert storage.check()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("trouble", [folder_in_its_place, missing_folder])
def test_people_sign_in_without_the_file_and_guesses_still_end(
    tmp_path: Path, trouble: Callable[[Path], AbstractContextManager[None]]
) -> None:
    folder = tmp_path / "limits"
    folder.mkdir()
    with trouble(folder):
        assert _eleven_guesses(tmp_path, f"file://{folder}/limits.db") == [200] * 10 + [429]


def _eleven_guesses(folder: Path, storage: str) -> list[int]:
    """Status of each, on an application that counts there."""
    settings = replace(test_settings(f"sqlite:///{folder}/site.db", folder), rate_limit_storage=storage)
    app = create_app(settings, RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        make_tables()
    form = {"email": "ada@example.com", "password": "a wrong guess"}
    return [app.test_client().post("/login", data=form).status_code for _ in range(11)]


class Unreachable(Storage):
    """What Redis is to us when it is down."""

    STORAGE_SCHEME = ["unreachable"]  # noqa: RUF012 - as limits declares it
    base_exceptions = ConnectionError

    def incr(self, *_: Any, **__: Any) -> int:
        raise ConnectionError

    get = get_expiry = reset = clear = incr

    def check(self) -> bool:
        return False


def test_people_sign_in_while_a_shared_store_is_down_and_guesses_still_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "_storage_dead", False)  # all applications of a process share the extension: alive again afterwards
    assert _eleven_guesses(tmp_path, "unreachable://elsewhere") == [200] * 10 + [429]


def test_guesses_at_one_worker_count_at_the_next(tmp_path: Path) -> None:
    settings = replace(test_settings(f"sqlite:///{tmp_path}/site.db", tmp_path), rate_limit_storage=f"file://{tmp_path}/limits.db")

    def guess(app: Flask) -> int:
        return app.test_client().post("/login", data={"email": "ada@example.com", "password": "a wrong guess"}).status_code

    def start() -> Flask:
        return create_app(settings, RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False)

    first = start()
    with first.app_context():
        make_tables()
    assert [guess(first) for _ in range(10)] == [200] * 10
    assert guess(start()) == 429
