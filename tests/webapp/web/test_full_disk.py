"""A full disk: what is sent goes through on the reserve, and what may be left out is."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from webapp.extensions import db
from webapp.models.operations import AuditEntry
from webapp.support.disk_reserve import give_up_reserve, keep_reserve
from webapp.transactions import defer_write
from webapp.web.endpoint_write_markers import writes


def _store(kilobytes: int) -> None:
    db.session.add(AuditEntry(action="test", subject="disk", detail={"text": "x" * 1024 * kilobytes}))


def _stored() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


@pytest.fixture
def full(separate_app: Flask) -> Flask:
    """A site whose database may not grow unless the file beside it says so."""
    room = Path(f"{db.engine.url.database}-room")

    @event.listens_for(db.engine, "checkout")
    def bound(connection: sqlite3.Connection, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {100_000 if room.exists() else 1}")

    @separate_app.post("/store")
    def store() -> str:
        _store(200)
        return "Stored."

    @separate_app.get("/look")
    @writes
    def look() -> str:
        defer_write(lambda: _store(1))
        return "Looked."

    return separate_app


def make_room() -> None:
    Path(f"{db.engine.url.database}-room").touch()


def test_what_is_sent_is_sent_again_and_goes_through_on_the_reserve(full: Flask) -> None:
    keep_reserve(db.engine.url)
    browser = full.test_client()
    answer = browser.post("/store?a=1")
    assert (answer.status_code, answer.headers["Location"], _stored()) == (307, "/store?a=1", 0)
    assert not give_up_reserve(db.engine.url)  # it is gone
    db.session.remove()
    make_room()
    answer = browser.post(answer.headers["Location"])
    assert (answer.status_code, _stored()) == (200, 1)


@contextmanager
def files_may_not_grow_beyond(size: int) -> Iterator[None]:
    """What a quota does, as far as SQLite sees it: a write fails with an error that is not that of a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_reached_quota_is_a_full_disk(full: Flask) -> None:
    make_room()
    keep_reserve(db.engine.url)
    browser = full.test_client()
    with files_may_not_grow_beyond(Path(f"{db.engine.url.database}-wal").stat().st_size + 100 * 1024):
        answer = browser.post("/store")
    assert (answer.status_code, answer.headers.get("Location"), _stored()) == (307, "/store", 0)
    assert not give_up_reserve(db.engine.url)  # it is gone
    db.session.remove()
    assert (browser.post("/store").status_code, _stored()) == (200, 1)


def test_without_a_reserve_nothing_is_acknowledged(full: Flask) -> None:
    answer = full.test_client().post("/store")
    assert (answer.status_code, _stored()) == (503, 0)


def test_what_was_only_seen_is_not_stored_where_room_is_short(full: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make_room()
    browser = full.test_client()
    assert (browser.get("/look").status_code, _stored()) == (200, 1)
    db.session.remove()
    monkeypatch.setattr("webapp.transactions.has_room", lambda _database: False)
    assert (browser.get("/look").status_code, _stored()) == (200, 1)
