"""The overview: which model serves, how good it is, what its recommendations were made of, and making a new one."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from recsys.ranking.blend import SIGNALS
from recsys.registry.promotion import SERVING_FILE, promote, read_promotions
from tests.webapp.recommender.helpers import happen
from webapp.extensions import db
from webapp.models.operations import AuditEntry, JobRun, ModelStatus, ModelVersion, RunStatus
from webapp.models.slate import Slate
from webapp.queries.job_runs import latest_run
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.support.clock import now
from webapp.wording.model_card import SOURCES

LATER = "29990101T000000000000-00000000"
FIGURES = {"ndcg": 0.2034, "ndcg_ci": [0.1991, 0.2077], "recall": 0.311, "coverage": 0.42, "distinct_topics": 4.25}


def metrics(**changes: object) -> dict[str, object]:
    return {
        "models": {"hybrid": FIGURES | changes, "popularity": {"ndcg": 0.034}},
        "data": {"n_test_users": 2918},
        "split": "leave-last",
    }


@pytest.fixture
def version(live, courses, models_dir: Path) -> ModelVersion:
    """The serving model's row."""
    (directory,) = models_dir.iterdir()
    columns = {"n_users": 97_722, "n_items": 3_321, "n_interactions": 1_085_023, "seconds": 83.4, "data_fingerprint": "f" * 64}
    row = ModelVersion(version=directory.name, trained_at=live.status().trained_at, metrics=metrics(), **columns)
    db.session.add(row)
    db.session.flush()
    return row


def test_the_overview_says_when_there_is_no_model(admin: FlaskClient) -> None:
    html = admin.get("/admin").text
    assert "no usable model" in html
    assert "Served from popularity, without a model" in html
    assert "Retrain now" in html


def test_the_card_tells_what_the_model_was_made_from_and_how_good_it_is(admin: FlaskClient, version: ModelVersion) -> None:
    html = admin.get("/admin").text
    for text in (version.version, "97,722", "3,321", "1,085,023", "1 min 23 s", "Measured on 2,918 learners"):
        assert text in html
    for figure in ("0.203", "0.199 to 0.208", "0.034", "31.1 %", "42.0 %"):
        assert figure in html
    assert "no usable model" not in html
    assert "The one before" not in html


def test_the_model_before_stands_beside_it(admin: FlaskClient, version: ModelVersion) -> None:
    earlier = version.trained_at - timedelta(days=1)
    db.session.add(ModelVersion(version="20200101T000000000000-00000000", trained_at=earlier, metrics=metrics(ndcg=0.1777)))
    db.session.flush()
    html = admin.get("/admin").text
    assert "The one before" in html
    assert "0.178" in html
    assert "Replaced" in html


def test_a_model_without_figures_is_still_shown(admin: FlaskClient, live, courses) -> None:
    html = admin.get("/admin").text
    assert "not trained by this installation" in html
    assert "has not served a learner yet" in html


def test_an_old_model_is_pointed_out(admin: FlaskClient, version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "due more often" not in admin.get("/admin").text
    later = now() + timedelta(days=9)
    monkeypatch.setattr("webapp.blueprints.admin.model_card_contents.now", lambda: later)
    html = admin.get("/admin").text
    assert "9 days old" in html
    assert "due more often" in html


def test_served_shelves_tell_what_recommendations_are_made_of(admin: FlaskClient, version, courses, make_user, login) -> None:
    learner = make_user()
    happen(learner, courses[0], "complete")
    assert login(admin.application.test_client(), learner).get("/").status_code == 200
    html = admin.get("/admin").text
    assert "the last 1 personal shelf this model has served" in html
    assert "Share of each source" in html
    assert 'width="100.0%"' not in html  # the bars fill a track of 100 %, not one of the largest share
    assert "has not served a learner yet" not in html
    slates = db.session.scalars(select(Slate)).all()
    spoke = {source for slate in slates for _score, parts in slate.detail for source, _kind, weight, *_ in parts if weight > 0}
    assert spoke <= set(SOURCES)  # every part of a score has a name people know
    assert {signal.source for signal in SIGNALS} <= set(SOURCES)  # those of data without order too
    assert len(spoke) > 3


def test_a_refused_model_is_named_with_the_reason(admin: FlaskClient, live, courses, models_dir: Path) -> None:
    (original,) = models_dir.iterdir()
    shutil.copytree(original, models_dir / LATER)
    (models_dir / LATER / "manifest.json").write_text("{}")
    html = admin.get("/admin").text
    assert "The model that should serve was refused" in html
    assert f"Model {LATER} was refused: " in html
    assert original.name in html
    assert "Another one serves" in html
    shutil.rmtree(models_dir / LATER)
    (models_dir / LATER).mkdir()
    promote(models_dir, original.name, "", "training")
    serving = json.loads((models_dir / SERVING_FILE).read_text())
    serving["history"].append(serving["history"][0] | {"name": LATER})
    (models_dir / SERVING_FILE).write_text(json.dumps(serving))
    html = admin.get("/admin").text
    assert f"No model in {LATER}" in html
    assert str(models_dir) not in html


def test_a_damaged_file_of_promotions_is_told_for_what_it_is(admin: FlaskClient, version: ModelVersion, models_dir: Path) -> None:
    (models_dir / SERVING_FILE).write_text("{x")
    html = admin.get("/admin").text
    assert "The file that says which model serves is damaged, so the newest good one does." in html
    assert "refused" not in html
    assert "Expecting" not in html
    assert "Another one serves" not in html
    admin.post(f"/admin/models/{version.version}/promote")  # the one that serves by age is let serve: that writes the file anew
    assert "is damaged" not in admin.get("/admin").text
    assert read_promotions(models_dir).current.name == version.version


@pytest.fixture
def held(version: ModelVersion, models_dir: Path) -> ModelVersion:
    """A newer model that the gate held back, beside the serving one."""
    (original,) = models_dir.iterdir()
    promote(models_dir, original.name, "No model serves yet.", "training")
    shutil.copytree(original, models_dir / LATER)
    gate = {"promote": False, "reasons": ["NDCG fell by more than the 0.0102 that may be lost."], "compared": "On the same learners."}
    row = ModelVersion(version=LATER, status=ModelStatus.HELD, metrics=metrics(ndcg=0.15) | {"gate": gate})
    db.session.add(row)
    db.session.flush()
    return row


def test_a_model_that_was_held_back_is_shown_with_the_reason(admin: FlaskClient, held: ModelVersion, version: ModelVersion) -> None:
    html = admin.get("/admin").text
    assert "Held back" in html
    assert "NDCG fell by more than the 0.0102 that may be lost. On the same learners." in html
    assert f'action="/admin/models/{LATER}/promote"' in html
    assert f'action="/admin/models/{version.version}/promote"' not in html
    assert "Serves since" in html
    assert "No model serves yet." in html
    assert "Go back to the one before" not in html  # nothing served before


def test_an_administrator_lets_it_serve_all_the_same_and_goes_back(admin: FlaskClient, held, version, live) -> None:
    html = admin.post(f"/admin/models/{LATER}/promote", follow_redirects=True).text
    assert "This model serves now." in html
    assert live.status().version == LATER
    assert "let through by an administrator" in html
    assert "It was decided by hand." in html
    assert "Go back to the one before" in html
    assert (held.status, version.status) == (ModelStatus.LIVE, ModelStatus.RETIRED)
    assert f'name="serving" value="{LATER}"' in html
    html = admin.post("/admin/models/rollback", data={"serving": LATER}, follow_redirects=True).text
    assert f"Model {version.version} serves again." in html
    assert live.status().version == version.version
    assert "Gone back to it on" in html
    assert [(entry.action, entry.subject) for entry in db.session.query(AuditEntry)] == [
        ("model.promote", f"model:{LATER}"),
        ("model.roll_back", f"model:{version.version}"),
    ]
    for data in ({"serving": LATER}, {}):  # pressed twice, or in an old tab
        assert "Another model serves by now" in admin.post("/admin/models/rollback", data=data, follow_redirects=True).text
    last = admin.post("/admin/models/rollback", data={"serving": version.version}, follow_redirects=True)
    assert "There is no earlier model left" in last.text


def test_a_model_whose_files_are_gone_or_damaged_cannot_serve(admin: FlaskClient, held, version, live, models_dir: Path) -> None:
    (models_dir / LATER / "items.json").write_text("[]")
    html = admin.post(f"/admin/models/{LATER}/promote", follow_redirects=True).text
    assert "This model cannot serve" in html
    assert str(models_dir) not in html
    shutil.rmtree(models_dir / LATER)
    html = admin.post(f"/admin/models/{LATER}/promote", follow_redirects=True).text
    assert "There is no model" in html
    assert str(models_dir) not in html
    assert "Removed" in html
    assert live.status().version == version.version
    assert db.session.query(AuditEntry).count() == 0


def test_what_is_odd_about_the_data_is_told(admin: FlaskClient, version: ModelVersion) -> None:
    findings = [
        {"check": "same_titles", "severity": "warning", "count": 1026, "total": 3000, "text": "items share their title", "examples": []},
        {"check": "density", "severity": "info", "count": 1, "total": 2, "text": "of all pairs", "examples": []},
    ]
    version.metrics = version.metrics | {"quality": {"findings": findings}}
    db.session.flush()
    html = admin.get("/admin").text
    assert "1 oddity in the data" in html
    assert "1,026 of 3,000 items share their title." in html
    assert "of all pairs" not in html


def test_retraining_starts_once_however_often_it_is_asked_for(admin: FlaskClient, launched: list[int]) -> None:
    first = admin.post("/admin/retrain", follow_redirects=True).text
    assert "is being trained" in first
    assert "Waiting for its process to start" in first
    second = admin.post("/admin/retrain", follow_redirects=True).text
    assert "is being trained already" in second
    assert db.session.query(JobRun).count() == 1
    assert launched == [latest_run("retrain").id]
    assert [entry.action for entry in db.session.query(AuditEntry)] == ["job.run"]


def test_progress_is_a_fragment_that_asks_for_itself_until_the_end(admin: FlaskClient, launched: list[int]) -> None:
    admin.post("/admin/retrain")
    run = latest_run("retrain")
    run.status, run.progress, run.message = RunStatus.RUNNING, 0.42, RunMessage(RunCode.TRAINING, {"step": "fitting"})
    db.session.flush()
    answer = admin.get("/admin/training", headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert "42 %" in answer.text
    assert "Fitting on everything" in answer.text
    assert 'hx-trigger="every 2s"' in answer.text
    assert "HX-Refresh" not in answer.headers
    run.status, run.finished_at, run.message = RunStatus.SUCCEEDED, now(), RunMessage(sentence="Learned a lot.")
    db.session.flush()
    answer = admin.get("/admin/training", headers={"HX-Request": "true"})
    assert "hx-trigger" not in answer.text
    assert "Learned a lot." in answer.text
    assert answer.headers["HX-Refresh"] == "true"


def test_without_scripts_progress_is_on_the_page(admin: FlaskClient, launched: list[int]) -> None:
    assert admin.get("/admin/training").headers["Location"] == "/admin"
    admin.post("/admin/retrain")
    html = admin.get("/admin").text
    assert "Look again" in html
    assert html.index("Look again") < html.index("Events")  # above the figures: in sight on every screen
    assert html.count('id="training"') == 1


JUDGED = {
    "learned_from": 1320,
    "outcomes": 1636,
    "finished": 982,
    "learners": 833,
    "auc": [0.6432, 0.6156, 0.6698],
    "brier": [0.2319, 0.2256, 0.2391],
    "ece": [0.0479, 0.0389, 0.0775],
    "ece_by_chance": 0.02996,
    "reliability": [
        {"count": 836, "predicted": 0.432, "observed": 0.311, "low": 0.2454, "high": 0.3846},
        {"count": 800, "predicted": 0.783, "observed": 0.762, "low": 0.692, "high": 0.821},
    ],
}


def test_the_chance_to_finish_is_shown_with_what_it_rests_on_and_how_true_it_came(admin: FlaskClient, version: ModelVersion) -> None:
    told = {"attempts": 8489, "outcomes": 5453, "finished": 3210, "basis": "model", "judged": JUDGED}
    version.metrics = version.metrics | {"finishing": told}
    db.session.flush()
    html = " ".join(admin.get("/admin").text.split())
    assert "Learned from 5,453 attempts whose end is known; 59 % of them finished." in html
    assert "Judged on 1,636 later attempts of 833 learners, by a model that knew 1,320 earlier outcomes alone." in html
    for figure in ("0.232", "0.226 to 0.239", "0.240 is what one number for all gets", "4.8", "3.9 to 7.8", "0.643"):
        assert figure in html
    assert "chance stated 43 %, finished 31 %" in html
    assert "chance stated 78 %, finished 76 %" in html
    assert '<td class="num">31.1</td><td class="num">25</td><td class="num">38</td><td class="num">836</td>' in html


def test_a_chance_to_finish_of_few_outcomes_says_so(admin: FlaskClient, version: ModelVersion) -> None:
    version.metrics = version.metrics | {"finishing": {"attempts": 60, "outcomes": 40, "finished": 30, "basis": "shares"}}
    db.session.flush()
    html = admin.get("/admin").text
    assert "Too few for an estimate per learner" in html
    assert "Too few later attempts to judge it by." in html
    assert "Brier" not in html


def test_a_model_without_it_has_no_such_panel(admin: FlaskClient, version: ModelVersion) -> None:
    assert "The chance to finish" not in admin.get("/admin").text
