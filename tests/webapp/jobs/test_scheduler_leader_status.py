"""Whether the scheduler runs is seen from outside, without disturbing it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.settings import ADMIN_URL
from webapp.config import Settings
from webapp.jobs.leader_lock import Lock, scheduler_lock
from webapp.jobs.scheduler_leader_status import current_leader


@pytest.fixture
def settings(app: Flask, tmp_path: Path) -> Settings:
    """Those of the test installation, with a lock file of their own."""
    return replace(app.extensions["settings"], instance_dir=tmp_path, scheduler=True)


@pytest.fixture
def lock(settings: Settings) -> Iterator[Lock]:
    """What a leader holds."""
    lock = scheduler_lock(settings)
    yield lock
    lock.release()


def test_nobody_leads_before_somebody_does_and_after(settings: Settings, lock: Lock) -> None:
    assert not current_leader(settings).led
    assert lock.acquire()
    assert current_leader(settings).led
    assert lock.held()
    lock.release()
    assert not current_leader(settings).led


def test_asking_does_not_keep_anybody_from_leading(settings: Settings, lock: Lock) -> None:
    lock.acquire()
    lock.release()
    current_leader(settings)
    assert lock.acquire()


@pytest.mark.skipif(bool(ADMIN_URL), reason="a file names the process, PostgreSQL the connection")
def test_the_leading_process_is_named(settings: Settings, lock: Lock) -> None:
    lock.acquire()
    assert current_leader(settings).pid == str(os.getpid())


def test_a_scheduler_that_is_switched_off_is_told_apart(settings: Settings) -> None:
    assert current_leader(settings).switched_on
    assert not current_leader(replace(settings, scheduler=False)).switched_on
