"""What the recommender finds wrong is read in the language of the page: models refused, runs that failed, what cannot be done."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.factories import make_course, make_user
from tests.settings import test_settings
from tests.tables import make_tables
from tests.webapp.recommender.helpers import happen
from webapp.extensions import db
from webapp.factory import create_app
from webapp.jobs.runs import enqueue, execute
from webapp.models.operations import JobRun, RunStatus
from webapp.models.ranking_policy import EVERYWHERE
from webapp.policies import System
from webapp.registries.jobs import RETRAIN
from webapp.services.errors import Conflict, Invalid
from webapp.services.model_lifecycle import promote_model
from webapp.services.ranking_policies import draft_policy
from webapp.support.messages import language_context
from webapp.support.pseudo_locale import PseudoCatalog
from webapp.transactions import unit_of_work
from webapp.wording.jobs import run_sentence

MODEL = "29990101T000000000000-00000000"


@pytest.fixture
def pseudo_site(tmp_path: Path) -> Iterator[Flask]:
    """A site in development that speaks the pseudo-locale, with a database and models of its own."""
    settings = test_settings(f"sqlite:///{tmp_path}/pseudo.db", tmp_path / "instance")
    app = create_app(replace(settings, environment="development", pseudo_locale=True), WTF_CSRF_ENABLED=False)
    with app.app_context():
        make_tables()
        yield app
        db.session.remove()
        db.engine.dispose()


def _write_damaged_model(app: Flask) -> Path:
    folder: Path = app.extensions["settings"].models_dir / MODEL
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("[]")
    return folder


def _pseudo(message: str) -> str:
    return PseudoCatalog().gettext(message)


def test_a_refused_model_and_one_that_cannot_serve(pseudo_site: Flask, login) -> None:
    folder = _write_damaged_model(pseudo_site)
    with unit_of_work():
        admin = make_user(role="admin")
    client = login(pseudo_site.test_client(), admin)
    html = client.get("/admin").text
    assert _pseudo("%(file)s is damaged: not an object") % {"file": f"{MODEL}/manifest.json"} in html
    assert "not an object" not in html
    html = client.post(f"/admin/models/{MODEL}/promote", follow_redirects=True).text
    assert html.count(_pseudo("%(file)s is damaged: not an object").partition("s ")[2]) == 2  # in the list, and for what was asked
    html = client.post("/admin/models/nothing/promote", follow_redirects=True).text
    said = _pseudo("There is no model %(model)r in %(folder)s") % {"model": "nothing", "folder": folder.parent.name}
    assert said.replace("'", "&#39;") in html
    assert str(folder.parent) not in html


def test_what_a_service_refuses(app: Flask) -> None:
    with language_context(PseudoCatalog()):
        with pytest.raises(Conflict, match=_pseudo("There is no model").split()[0]):
            promote_model(System(), "nothing")
        with pytest.raises(Invalid) as caught:
            draft_policy(System(), EVERYWHERE, {"niche_share": 7}, "why")
    assert str(caught.value) == _pseudo("%(setting)s must lie between 0 and 1") % {"setting": "niche_share"}


def test_a_training_whose_model_cannot_be_stored(separate_app: Flask) -> None:
    with unit_of_work():
        courses = [make_course() for _ in range(4)]
        learners = [make_user() for _ in range(12)]
        for number, learner in enumerate(learners):
            for step in range(3):
                happen(learner, courses[(number + step) % 4], "enroll")
    models_dir: Path = separate_app.extensions["settings"].models_dir
    models_dir.parent.mkdir(parents=True, exist_ok=True)
    models_dir.write_text("a file where the folder should be")
    run_id = enqueue(RETRAIN, "command")
    assert execute(separate_app, run_id) is RunStatus.FAILED
    with unit_of_work(writes=False):
        message = db.session.get_one(JobRun, run_id).message
    assert message.params["reason"]["code"] == "model_not_stored"
    assert run_sentence(message).startswith("The new model could not be stored: A model cannot be stored in /")
    assert run_sentence(message).endswith(": File exists")
    with language_context(PseudoCatalog()):
        said = run_sentence(message)
    assert "cannot be stored" not in said
    assert "File exists" in said  # the system's own words
