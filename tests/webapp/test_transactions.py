"""The unit of work: all or nothing, read-only where it promised to read, and what waits for its end."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from webapp.extensions import csrf, db
from webapp.models.operations import AuditEntry
from webapp.policies import System
from webapp.services.audit import record_decision
from webapp.transactions import after_commit, defer_write, drops_optional_writes, savepoint, unit_of_work, without_deferred_writes
from webapp.web.endpoint_write_markers import allow_asynchronous_commit, has_durable_writes

FULL = 2  # of PRAGMA synchronous


def entries() -> int:
    with unit_of_work(writes=False):
        return db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def write(action: str = "course.publish") -> None:
    db.session.add(AuditEntry(action=action, subject="course:1", detail={}))
    db.session.flush()


def decide() -> None:
    record_decision(System(), "course.publish", "course:1")


def decide_in_a_unit_of_its_own() -> None:
    with unit_of_work():
        decide()


def fail() -> None:
    raise OSError("the disk is full")


def test_the_database_refuses_a_write_in_a_unit_that_reads(committing_app: Flask) -> None:
    with pytest.raises(DBAPIError), unit_of_work(writes=False):
        write()
    assert entries() == 0
    with unit_of_work():  # the same connection writes again
        write()
    assert entries() == 1


def test_a_test_that_shares_its_transaction_refuses_it_too(app: Flask) -> None:
    with pytest.raises(AssertionError, match="wants to write"), unit_of_work(writes=False):
        write()


def test_a_deferred_write_is_there_afterwards_and_refused_where_nothing_was_to_be_written(committing_app: Flask) -> None:
    with unit_of_work(writes=False):
        defer_write(write)
        assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 0
    assert entries() == 1
    with pytest.raises(RuntimeError, match="@writes"), unit_of_work(writes=False, may_defer=False):
        defer_write(write)
    assert entries() == 1


def test_a_page_nobody_asked_for_leaves_no_trace_and_others_do(committing_app: Flask) -> None:
    with without_deferred_writes(), unit_of_work(writes=False):
        defer_write(write)
        defer_write(write, required=True)
    assert entries() == 0
    with without_deferred_writes(required=False), unit_of_work(writes=False):
        defer_write(write)
        assert drops_optional_writes()
    assert entries() == 0
    with without_deferred_writes(), unit_of_work():  # what is there to write does
        defer_write(write)
    assert entries() == 1
    with unit_of_work(writes=False):
        defer_write(write)
    with without_deferred_writes(required=False), unit_of_work(writes=False):  # somebody asked, who is shown nothing
        defer_write(write, required=True)
    assert entries() == 3


@pytest.mark.parametrize("order", [[fail, write], [write, fail]], ids=["before", "after"])
def test_a_required_write_is_kept_whatever_happens_to_an_optional_one(committing_app: Flask, order: list[Callable[[], None]]) -> None:
    with unit_of_work(writes=False):
        for one in order:
            defer_write(one, required=one is write)
    assert entries() == 1


def test_a_unit_fails_with_its_required_write(committing_app: Flask) -> None:
    ran = []

    def looks() -> None:
        with unit_of_work(writes=False):
            after_commit(lambda: ran.append("mail"))
            defer_write(fail, required=True)

    with pytest.raises(OSError, match="disk is full"):
        looks()
    assert ran == []


@pytest.mark.parametrize("writes", [True, False])
def test_a_decision_is_no_write_that_may_be_left_out(committing_app: Flask, writes: bool) -> None:
    with pytest.raises(RuntimeError, match="never best effort"), unit_of_work(writes):
        defer_write(lambda: decide())
    assert entries() == 0
    with unit_of_work(writes):
        defer_write(decide, required=True)
    assert entries() == 1


@pytest.mark.parametrize("hook", [decide, decide_in_a_unit_of_its_own])
@pytest.mark.parametrize("writes", [True, False])
def test_a_decision_does_not_follow_a_commit(committing_app: Flask, hook: Callable[[], None], writes: bool) -> None:
    with pytest.raises(RuntimeError, match="never best effort"), unit_of_work(writes):
        after_commit(lambda: hook())
    assert entries() == 0
    with unit_of_work():  # what comes later is told of a failure again
        decide()
    assert entries() == 1


def refused(ran: list[str]) -> None:
    with savepoint():
        write("refused")
        after_commit(lambda: ran.append("inside"))
        raise ValueError("no")


def test_a_refused_part_keeps_nothing_and_sets_nothing_off(committing_app: Flask) -> None:
    ran: list[str] = []
    with unit_of_work():
        write("kept")
        after_commit(lambda: ran.append("before"))
        with pytest.raises(ValueError, match="no"):
            refused(ran)
        after_commit(lambda: ran.append("behind"))
    assert ran == ["before", "behind"]
    with unit_of_work(writes=False):
        assert list(db.session.scalars(select(AuditEntry.action))) == ["kept"]


def test_parts_may_lie_in_parts(committing_app: Flask) -> None:
    ran: list[str] = []
    with unit_of_work(), savepoint():
        after_commit(lambda: ran.append("outer"))
        with pytest.raises(ValueError, match="no"):
            refused(ran)
    assert ran == ["outer"]


def flushes() -> bool | None:
    """Whether the transaction under way waits for the disk at its commit; None on PostgreSQL, which always does."""
    return db.session.scalar(text("pragma synchronous")) == FULL if db.engine.dialect.name == "sqlite" else None


def test_only_what_somebody_is_told_of_waits_for_the_disk(committing_app: Flask) -> None:
    waited = []

    def look() -> None:
        write()
        waited.append(flushes())

    for options in ({}, {"durable": False}, {}):
        with unit_of_work(**options):
            look()
    with unit_of_work(writes=False):
        defer_write(look)
        defer_write(look, required=True)  # comes first
    with unit_of_work():
        look()
    expected = [True, False, True, True, False, True]
    assert waited == (expected if db.engine.dialect.name == "sqlite" else [None] * len(expected))
    assert entries() == len(expected)


def test_what_may_be_left_out_waits_for_others_but_a_moment(committing_app: Flask) -> None:
    waits: list[str] = []

    def look() -> None:
        sqlite = db.engine.dialect.name == "sqlite"
        waits.append(str(db.session.scalar(text("PRAGMA busy_timeout" if sqlite else "SHOW lock_timeout"))))

    with unit_of_work(writes=False):
        defer_write(look)
        defer_write(look, required=True)  # comes first
    with unit_of_work():
        look()
    assert waits in (["15000", "1000", "15000"], ["0", "1s", "0"])


def test_a_page_is_answered_while_another_program_holds_the_database(separate_app: Flask, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "separate.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        with unit_of_work(writes=False):
            defer_write(write)
            read = db.session.scalar(select(func.count()).select_from(AuditEntry))
        other.execute("rollback")
    assert (read, entries()) == (0, 0)


def test_of_all_addresses_that_write_only_seen_cards_are_not_acknowledged(app: Flask) -> None:
    assert [endpoint for endpoint in app.view_functions if not has_durable_writes(app, endpoint)] == ["course.impressions"]


def test_a_request_that_is_not_acknowledged_does_not_wait_for_the_disk(committing_app: Flask) -> None:
    waited: list[bool | None] = []

    def view() -> str:
        waited.append(flushes())
        return ""

    committing_app.add_url_rule("/form", "form", csrf.exempt(view), methods=["POST"])
    committing_app.add_url_rule("/beacon", "beacon", allow_asynchronous_commit(csrf.exempt(lambda: view())), methods=["POST"])
    for path in ("/form", "/beacon"):
        assert committing_app.test_client().post(path).status_code == 200
    assert waited in ([True, False], [None, None])


@pytest.mark.parametrize("writes", [True, False])
def test_a_unit_inside_another_is_refused_as_it_would_commit_the_first_half_of_that_one(committing_app: Flask, writes: bool) -> None:
    def half() -> None:
        with unit_of_work(writes):
            if writes:
                write("first half")
            with unit_of_work():
                write("inside")

    with pytest.raises(RuntimeError, match="inside a unit of work"):
        half()
    assert entries() == 0
    with unit_of_work():
        write()
    assert entries() == 1


def test_what_follows_a_commit_has_units_of_its_own(committing_app: Flask) -> None:
    def mail() -> None:
        with unit_of_work():
            write("mailed")

    with unit_of_work(writes=False):
        after_commit(mail)
    assert entries() == 1
