"""`flask recsys`: which model serves is changed and told, and models are measured without storing any."""

import json
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from recsys.registry.promotion import read_promotions
from recsys.registry.store import list_artifacts
from tests.factories import make_course, make_user
from tests.webapp.recommender.helpers import happen
from webapp.extensions import db
from webapp.models.event import Event
from webapp.models.operations import AuditEntry, ModelStatus, ModelVersion
from webapp.transactions import unit_of_work


@pytest.fixture
def models_dir(separate_app: Flask) -> Path:
    return separate_app.extensions["settings"].models_dir


@pytest.fixture
def runner(separate_app: Flask) -> FlaskCliRunner:
    """On an installation in which two circles of learners each keep to four courses."""
    with unit_of_work():
        courses = [make_course(lessons=0) for _ in range(8)]
        for number in range(40):
            user = make_user()
            for step in range(3):
                happen(user, courses[(number % 2) * 4 + (number // 2 + step) % 4], "enroll", days_ago=30 - step)
    separate_app.extensions["recommender"].check_seconds = 0
    return separate_app.test_cli_runner()


def ask(runner: FlaskCliRunner, *arguments: object) -> str:
    result = runner.invoke(args=["recsys", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.output


def states() -> dict[str, ModelStatus]:
    db.session.expire_all()
    return {row.version: row.status for row in db.session.scalars(select(ModelVersion))}


def test_train_go_back_and_promote(runner: FlaskCliRunner, models_dir: Path) -> None:
    for _ in range(2):
        ask(runner, "train")
    second, first = (artifact.name for artifact in list_artifacts(models_dir))
    assert f"version: {second}" in ask(runner, "status")
    assert "by training: NDCG" in ask(runner, "status")
    assert f"{first} serves again." in ask(runner, "rollback", "--why", "complaints")
    assert states() == {first: ModelStatus.LIVE, second: ModelStatus.RETIRED}
    assert f"version: {first}" in ask(runner, "status")
    assert "by the command line: complaints" in ask(runner, "status")
    assert f"{second} serves." in ask(runner, "promote", second)
    assert states() == {first: ModelStatus.RETIRED, second: ModelStatus.LIVE}
    assert [entry.action for entry in db.session.scalars(select(AuditEntry))] == ["model.roll_back", "model.promote"]


def test_a_model_that_is_worse_is_held_back_and_the_command_says_so(runner: FlaskCliRunner, models_dir: Path) -> None:
    ask(runner, "train")
    (first,) = list_artifacts(models_dir)
    rng = np.random.default_rng(3)
    with unit_of_work():  # all that learners did is overwritten with noise
        events = db.session.scalars(select(Event)).all()
        courses = sorted({event.course_id for event in events})
        for event in events:
            event.course_id = courses[int(rng.integers(len(courses)))]
    told = ask(runner, "train")
    assert "The new model was held back; the one before it serves on. NDCG fell by more than" in told
    newest, _ = list_artifacts(models_dir)
    assert states() == {first.name: ModelStatus.LIVE, newest.name: ModelStatus.HELD}
    assert f"version: {first.name}" in ask(runner, "status")
    assert [entry.name for entry in read_promotions(models_dir).history] == [first.name]


def test_what_cannot_be_done_is_said(runner: FlaskCliRunner) -> None:
    for arguments, message in ((["promote", "nothing"], "cannot serve"), (["rollback"], "no earlier model")):
        result = runner.invoke(args=["recsys", *arguments])
        assert result.exit_code == 1
        assert message in result.output


def test_models_are_measured_on_the_data_as_they_are(runner: FlaskCliRunner, models_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    told = ask(runner, "evaluate", "--models", "popularity,item_knn", "-k", "2", "--json", out)
    assert "item_knn" in told
    figures = json.loads(out.read_text("utf-8"))
    # Whoever keeps to four courses and has two of them is left with two to choose from.
    assert figures["models"]["item_knn"]["recall"] == 1
    assert figures["models"]["popularity"]["recall"] < 1
    assert figures["data"]["n_test_users"] == 40
    assert list_artifacts(models_dir) == []
    result = runner.invoke(args=["recsys", "evaluate", "--models", "crystal_ball"])
    assert (result.exit_code, "crystal_ball" in result.output) == (1, True)
