"""An erased learner leaves the models too, with the next training, whatever the gate says of it."""

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import delete, select

from recsys.data.state_store import load_state
from recsys.errors import ArtifactError
from recsys.registry.promotion import load_serving, set_removal_protection
from recsys.registry.store import list_artifacts, verify
from tests.factories import make_course, make_slate, make_user
from tests.noted_background import Noted
from tests.webapp.recommender.helpers import happen
from webapp.extensions import db
from webapp.jobs.runs import execute
from webapp.jobs.scheduler import start_job
from webapp.models.event import Event
from webapp.models.notification import Notification
from webapp.models.operations import JobRun, ModelStatus, ModelVersion, RunStatus
from webapp.models.user import User
from webapp.policies import System
from webapp.queries.model_provenance import erasure_marker
from webapp.recommender.training.train import NoEnrollmentsYet, train_model
from webapp.registries.jobs import JOBS, RETRAIN, due_at
from webapp.services.errors import Conflict
from webapp.services.model_lifecycle import promote_model, roll_back_model
from webapp.services.privacy import erase_person
from webapp.support.clock import now
from webapp.transactions import unit_of_work

RARE = "A course of one"


@pytest.fixture
def models_dir(separate_app: Flask) -> Path:
    """Of an installation with two circles of learners and one person who alone took a course; trainings run in this process."""
    with unit_of_work():
        make_user("admin")
        courses = [make_course(lessons=0) for _ in range(8)]
        for number in range(40):
            user = make_user()
            for step in range(3):
                happen(user, courses[(number % 2) * 4 + (number // 2 + step) % 4], "enroll", days_ago=30 - step)
        rare, alone = make_course(title=RARE, lessons=0), make_user(name="Ada")
        happen(alone, courses[0], "enroll", days_ago=9)
        happen(alone, rare, "enroll", days_ago=8)
    separate_app.extensions["recommender"].check_seconds = 0
    separate_app.extensions["background"] = Noted(lambda run_id: execute(separate_app, run_id))
    return separate_app.extensions["settings"].models_dir


def train_as_scheduled(app: Flask) -> JobRun:
    start_job(app, JOBS[RETRAIN])
    db.session.expire_all()
    run = db.session.scalars(select(JobRun).order_by(JobRun.id.desc())).first()
    assert run.status is RunStatus.SUCCEEDED, run.error
    return run


def erase_ada() -> None:
    with unit_of_work():
        erase_person(db.session.scalar(select(User.id).where(User.name == "Ada")))


def overwrite_with_noise() -> None:
    """What learners did follows no pattern any more, so that no new model can stand against an old one."""
    rng = np.random.default_rng(3)
    with unit_of_work():
        events = db.session.scalars(select(Event)).all()
        courses = sorted({event.course_id for event in events})
        for event in events:
            event.course_id = courses[int(rng.integers(len(courses)))]


def neighbors_who_took_the_rare_course(directory: Path) -> int:
    rows = load_state(directory / "hybrid" / "user_knn")[0]["taken_"]
    titles = [item["title"] for item in load_items(directory)]
    return int((rows[:, titles.index(RARE)] > 0).sum())


def load_items(directory: Path) -> list[dict]:
    return json.loads((directory / "items.json").read_text("utf-8"))


def test_the_next_scheduled_training_forgets_the_person_though_the_gate_would_hold_it(separate_app: Flask, models_dir: Path) -> None:
    for _ in range(2):
        train_as_scheduled(separate_app)
    second, first = list_artifacts(models_dir)
    assert neighbors_who_took_the_rare_course(second.directory) == 1
    live = separate_app.extensions["recommender"]
    assert live.serving().version == second.name
    set_removal_protection(models_dir, first.name)
    erase_ada()
    overwrite_with_noise()
    train_as_scheduled(separate_app)

    (only,) = list_artifacts(models_dir)
    gate = verify(only.directory).gate
    assert (gate["passed"], gate["promote"], gate["against"]) == (False, True, second.name)
    assert gate["reasons"][-1]["code"] == "after_erasure"
    assert {path.name for path in models_dir.iterdir() if path.is_dir()} == {only.name}
    assert neighbors_who_took_the_rare_course(only.directory) == 0
    assert only.manifest.data["n_users"] == 40
    assert (live.serving().version, live.status().refused) == (only.name, ())
    states = {row.version: row.status for row in db.session.scalars(select(ModelVersion))}
    assert states == {first.name: ModelStatus.RETIRED, second.name: ModelStatus.RETIRED, only.name: ModelStatus.LIVE}
    assert [told.kind for told in db.session.scalars(select(Notification))] == ["worse_model_serves"]

    with pytest.raises(Conflict, match="no earlier model"):
        roll_back_model(System())
    with pytest.raises(Conflict, match="cannot serve"):
        promote_model(System(), first.name)
    train_as_scheduled(separate_app)
    newest, _ = list_artifacts(models_dir)
    assert newest.manifest.gate["against"] == only.name
    assert "after_erasure" not in {reason["code"] for reason in newest.manifest.gate["reasons"]}


def test_who_is_erased_while_a_model_is_fitted_leaves_it_with_the_next(separate_app: Flask, models_dir: Path) -> None:
    def erase_late(share: float, _what: str) -> None:
        if share > 0.5 and erasure_marker() is None:
            erase_ada()

    first = train_model(models_dir, erase_late).version
    assert neighbors_who_took_the_rare_course(models_dir / first) == 1
    second = train_model(models_dir, lambda _share, _what: None).version
    assert [artifact.name for artifact in list_artifacts(models_dir)] == [second]
    assert neighbors_who_took_the_rare_course(models_dir / second) == 0


def test_with_nobody_left_to_learn_from_no_model_is_kept(separate_app: Flask, models_dir: Path) -> None:
    train_model(models_dir, lambda _share, _what: None)
    with unit_of_work():
        for user_id in db.session.scalars(select(Event.user_id).distinct()).all():
            erase_person(user_id)
        db.session.execute(delete(Event))
    with pytest.raises(NoEnrollmentsYet):
        train_model(models_dir, lambda _share, _what: None)
    with pytest.raises(ArtifactError):
        load_serving(models_dir)
    assert separate_app.extensions["recommender"].serving() is None


def test_only_people_whom_models_learned_from_count(db_session, make_user, make_course, make_enrollment) -> None:
    assert erasure_marker() is None
    with unit_of_work():
        erase_person(make_user().id)
    assert erasure_marker() is None
    enrolled, creator = make_user(), make_user()
    course = make_course(creator=creator)
    make_enrollment(enrolled, course)
    shown = make_user()
    make_slate(shown)
    names = []
    for person in (enrolled, creator, shown):
        with unit_of_work():
            erase_person(person.id)
        names.append(erasure_marker())
    assert None not in names
    assert len(set(names)) == 3


@pytest.mark.parametrize("hours_ago", [None, 0, 1, 100])
def test_an_erasure_waits_for_a_training_no_longer_than_the_schedule_says(app: Flask, hours_ago: float | None) -> None:
    settings, moment = app.extensions["settings"], now()
    last = None if hours_ago is None else moment - timedelta(hours=hours_ago)
    assert due_at(JOBS[RETRAIN], settings, last, moment) <= moment + timedelta(hours=settings.retrain_hours)
