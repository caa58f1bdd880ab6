"""Retraining on demand: by administrators, once at a time, written down, in a process of its own."""

import time

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_course, make_user
from tests.webapp.recommender.helpers import happen
from webapp.extensions import db
from webapp.models import AuditEntry, JobRun, ModelStatus, ModelVersion, RunStatus
from webapp.policies import Actor, Forbidden
from webapp.queries.job_runs import model_version, model_versions
from webapp.recommender.live import ModelState
from webapp.recommender.training import Trained
from webapp.services.errors import Conflict
from webapp.services.training import current_run, last_run, register_model, request_retraining
from webapp.support.clock import now
from webapp.transactions import Abandon, unit_of_work

DEADLINE = 120.0


def _admin() -> Actor:
    with unit_of_work():
        return Actor.of(make_user(role="admin"))


def test_the_process_starts_when_the_request_is_durable(launched) -> None:
    admin = _admin()
    with unit_of_work():
        run_id = request_retraining(admin).id
        assert launched == []
    assert launched == [run_id]
    run = last_run()
    assert (run.status, run.trigger, run.requested_by) == (RunStatus.QUEUED, "manual", admin.user_id)
    assert db.session.scalars(select(AuditEntry.action)).all() == ["model.retrain"]


def test_a_request_that_fails_starts_nothing(launched) -> None:
    admin = _admin()
    with unit_of_work():
        request_retraining(admin)
        raise Abandon
    assert launched == []
    assert current_run() is None


def test_a_second_one_is_refused_while_one_is_under_way(launched) -> None:
    admin = _admin()
    with unit_of_work():
        request_retraining(admin)
    with pytest.raises(Conflict), unit_of_work():
        request_retraining(admin)
    assert len(launched) == 1
    assert len(db.session.scalars(select(JobRun)).all()) == 1


@pytest.mark.parametrize("role", ["learner", "creator"])
def test_others_may_not(app, make_user, role) -> None:
    with pytest.raises(Forbidden):
        request_retraining(Actor.of(make_user(role=role)))


def test_the_newest_model_is_the_live_one(app) -> None:
    for number in (1, 2):
        figures = Trained(f"model-{number}", now(), "f" * 64, 10, 5, 40, {"ndcg": 0.2}, {"seed": 0})
        register_model(figures, None, 1.5)
    assert model_version("model-1").status == ModelStatus.RETIRED
    assert model_version("model-2").status == ModelStatus.LIVE
    assert {version.version for version in model_versions()} == {"model-1", "model-2"}


def _small_world() -> None:
    courses = [make_course(lessons=0) for _ in range(8)]
    for number in range(30):
        user = make_user()
        for step in range(3):
            happen(user, courses[(number % 2) * 4 + (number + step) % 4], "enroll", days_ago=30 - step)


def _ended(run_id: int) -> JobRun:
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        with unit_of_work(writes=False):
            run = db.session.get_one(JobRun, run_id, populate_existing=True)
        if run.finished_at is not None:
            return run
        time.sleep(0.2)
    return pytest.fail(f"the run did not end: {run.status} {run.message}")


def test_a_real_training_ends_in_a_model_that_serves(separate_app: Flask) -> None:
    with unit_of_work():
        _small_world()
    assert separate_app.extensions["recommender"].status().state is ModelState.NONE
    admin = _admin()
    with unit_of_work():
        run_id = request_retraining(admin).id
    run = _ended(run_id)
    assert run.status is RunStatus.SUCCEEDED, run.error
    (version,) = db.session.scalars(select(ModelVersion)).all()
    assert (version.job_run_id, version.n_users, version.n_items, version.n_interactions) == (run_id, 30, 8, 90)
    assert len(version.data_fingerprint) == 64
    separate_app.extensions["recommender"].check_seconds = 0
    status = separate_app.extensions["recommender"].status()
    assert (status.state, status.version) == (ModelState.OK, version.version)


def test_nothing_to_learn_from_is_said_in_words(separate_app: Flask) -> None:
    admin = _admin()
    with unit_of_work():
        run_id = request_retraining(admin).id
    run = _ended(run_id)
    assert run.status is RunStatus.FAILED
    assert run.message == "Nobody has taken a course yet, so there is nothing to learn from."
