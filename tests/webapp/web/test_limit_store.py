"""Guesses are counted by all workers of a machine together."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from tests.settings import test_settings
from tests.tables import make_tables
from webapp.extensions import limiter
from webapp.factory import create_app
from webapp.web.limit_store import FileStorage


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


def test_no_guess_is_lost_when_many_come_at_once(worker: Callable[[], FileStorage]) -> None:
    storage = worker()
    threads = [threading.Thread(target=lambda: [storage.incr("a", 60) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert storage.get("a") == 80


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    storage = FileStorage(f"file://{tmp_path}/limits.db")
    storage._path = str(tmp_path / "nowhere" / "limits.db")
    assert not storage.check()


def test_guesses_at_one_worker_count_at_the_next(tmp_path: Path) -> None:
    settings = replace(test_settings(f"sqlite:///{tmp_path}/site.db", tmp_path), rate_limit_storage=f"file://{tmp_path}/limits.db")

    def guess(app: Flask) -> int:
        return app.test_client().post("/login", data={"email": "ada@example.com", "password": "a wrong guess"}).status_code

    def start() -> Flask:
        return create_app(settings, RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False)

    enabled = limiter.enabled
    try:
        first = start()
        with first.app_context():
            make_tables()
        assert [guess(first) for _ in range(10)] == [200] * 10
        assert guess(start()) == 429
    finally:
        limiter.enabled = enabled
