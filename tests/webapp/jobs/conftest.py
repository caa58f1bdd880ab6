"""A job that does what the test says, and waiting for what runs elsewhere."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.waiting import PATIENCE
from tests.webapp.jobs.probe_job import PROBE, probe_spec, said
from webapp.background import COLLECTOR, Background
from webapp.jobs.runners import RUNNERS, Runner
from webapp.models.operations import JobRun
from webapp.queries.job_runs import job_run
from webapp.registries.jobs import JOBS
from webapp.transactions import unit_of_work

Declare = Callable[..., None]


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Declares the job `probe`."""

    def declare(run: Runner, **changes: Any) -> None:
        monkeypatch.setitem(JOBS, PROBE, probe_spec(**changes))
        monkeypatch.setitem(RUNNERS, PROBE, run)

    declare(lambda _context: said("Did it."))
    return declare


@pytest.fixture
def processes(separate_app: Flask, job: Declare) -> Iterator[Flask]:
    """The application with a way to start processes that know the job `probe`; none of them outlives the test."""
    separate_app.extensions["background"] = Background(separate_app.extensions["settings"], "tests/webapp/jobs/probe_app.py")
    yield separate_app
    for thread in threading.enumerate():
        if thread.name.startswith(COLLECTOR):
            thread.join(PATIENCE)
            assert not thread.is_alive()


def stored(run_id: int) -> JobRun:
    """The run as it stands now."""
    with unit_of_work(writes=False):
        run = job_run(run_id)
    assert run is not None
    return run
