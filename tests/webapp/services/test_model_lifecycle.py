"""A training ends in a model that is written down; which one serves is decided by administrators alone."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from recsys.registry.promotion import promote
from recsys.registry.store import list_artifacts
from tests import processes
from tests.factories import make_course, make_user
from tests.waiting import until
from tests.webapp.recommender.helpers import happen
from webapp.extensions import db
from webapp.jobs.runs import enqueue, execute
from webapp.models.event import Event
from webapp.models.notification import Notification
from webapp.models.operations import AuditEntry, JobRun, ModelStatus, ModelVersion, RunStatus
from webapp.policies import Forbidden, Person, System
from webapp.queries.job_runs import model_version, model_versions
from webapp.recommender.serving.serving_model import ModelState
from webapp.recommender.training.train import Trained, train_model
from webapp.registries.jobs import RETRAIN
from webapp.registries.notifications import NotificationKind
from webapp.services.errors import Conflict
from webapp.services.jobs import request_run
from webapp.services.model_lifecycle import promote_model, record_serving_model, register_model, roll_back_model
from webapp.support.clock import now
from webapp.transactions import unit_of_work
from webapp.wording.jobs import run_sentence

FELL = {"code": "metric_fell", "params": {"metric": "ndcg", "mean": -0.02}}
NEITHER = {"code": "neither_measured", "params": {}}


def _admin() -> Person:
    with unit_of_work():
        return Person.of(make_user(role="admin"))


def test_the_newest_model_is_the_live_one(app) -> None:
    for number in (1, 2):
        figures = Trained(f"model-{number}", now(), "f" * 64, 10, 5, 40, {"ndcg": 0.2}, {"seed": 0})
        register_model(figures, None, 1.5)
    assert model_version("model-1").status == ModelStatus.RETIRED
    assert model_version("model-2").status == ModelStatus.LIVE
    assert {version.version for version in model_versions()} == {"model-1", "model-2"}


def test_a_model_that_was_held_back_is_written_down_and_told(app, make_user) -> None:
    admins = [make_user("admin"), make_user("admin")]
    register_model(Trained("model-1", now(), "f" * 64, 10, 5, 40, {}, {}), None, 1.5)
    worse = Trained("model-2", now(), "f" * 64, 10, 5, 40, {}, {}, promoted=False, reasons=(FELL, NEITHER))
    register_model(worse, None, 1.5)
    assert (model_version("model-1").status, model_version("model-2").status) == (ModelStatus.LIVE, ModelStatus.HELD)
    told = db.session.scalars(select(Notification).order_by(Notification.user_id)).all()
    assert [(n.user_id, n.kind, n.subject, n.data) for n in told] == [
        (admin.id, NotificationKind.MODEL_HELD_BACK, "model:model-2", {"reasons": [FELL, NEITHER]}) for admin in admins
    ]


def test_a_worse_model_that_had_to_serve_is_told_too(app, make_user) -> None:
    admin = make_user("admin")
    figures = Trained("model-1", now(), "f" * 64, 10, 5, 40, {}, {}, passed=False, reasons=(FELL, NEITHER))
    register_model(figures, None, 1.5)
    assert model_version("model-1").status == ModelStatus.LIVE
    (told,) = db.session.scalars(select(Notification))
    assert (told.user_id, told.kind, told.data) == (admin.id, "worse_model_serves", {"reasons": [FELL, NEITHER]})


@pytest.mark.parametrize("role", ["learner", "creator"])
def test_others_may_not_decide_which_model_serves(app, make_user, role) -> None:
    actor = Person.of(make_user(role=role))
    with pytest.raises(Forbidden):
        promote_model(actor, "20260101T000000000000-00000000")
    with pytest.raises(Forbidden):
        roll_back_model(actor)


def test_without_models_nothing_can_serve(app, make_user) -> None:
    with pytest.raises(Conflict, match="cannot serve"):
        promote_model(System(), "20260101T000000000000-00000000")
    with pytest.raises(Conflict, match="no earlier model"):
        roll_back_model(System())
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_a_step_back_that_cannot_be_stored_is_not_said_to_lack_a_model(separate_app: Flask) -> None:
    folder = separate_app.extensions["settings"].models_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "serving.json").write_text("{")
    with pytest.raises(Conflict, match=r"Nothing was changed.*serving\.json is damaged"), unit_of_work():
        roll_back_model(System())
    (folder / "serving.json").unlink()
    (folder / "serving.json").mkdir()
    with pytest.raises(Conflict, match=r"Nothing was changed.*Is a directory"), unit_of_work():
        roll_back_model(System())
    assert db.session.scalars(select(AuditEntry)).all() == []


def _small_world() -> None:
    courses = [make_course(lessons=0) for _ in range(8)]
    for number in range(30):
        user = make_user()
        for step in range(3):
            happen(user, courses[(number % 2) * 4 + (number + step) % 4], "enroll", days_ago=30 - step)


Processes = Callable[[], list[processes.Running]]


@pytest.fixture
def training_processes(separate_app: Flask, own_processes: Processes) -> Iterator[Processes]:
    """What a test asks for is trained in a real process, and none is left when the test fails."""
    yield own_processes
    processes.end(own_processes())


def _ended(run_id: int, training_processes: Processes) -> JobRun:
    """The run once it has ended, and its process with it."""

    def look() -> JobRun:
        with unit_of_work(writes=False):
            return db.session.get_one(JobRun, run_id, populate_existing=True)

    run = until(lambda: (seen := look()).finished_at and seen, "the run to end", lambda: f"{look().status} {look().message}")
    until(lambda: not training_processes(), "the process to end after its run")
    return run


def test_a_real_training_ends_in_a_model_that_serves(separate_app: Flask, training_processes: Processes) -> None:
    with unit_of_work():
        _small_world()
    assert separate_app.extensions["recommender"].status().state is ModelState.NONE
    admin = _admin()
    with unit_of_work():
        run_id = request_run(admin, RETRAIN).id
    run = _ended(run_id, training_processes)
    assert run.status is RunStatus.SUCCEEDED, run.error
    (version,) = db.session.scalars(select(ModelVersion)).all()
    assert (version.job_run_id, version.n_users, version.n_items, version.n_interactions) == (run_id, 30, 8, 90)
    assert len(version.data_fingerprint) == 64
    assert version.metrics["gate"]["reasons"] == [{"code": "first_model", "params": {}}]
    (manifest,) = (artifact.manifest for artifact in list_artifacts(separate_app.extensions["settings"].models_dir))
    events = manifest.lineage["sources"][0]
    assert (events["kind"], events["name"], events["rows"]) == ("table", "events", 90)
    assert events["highest_id"] == db.session.scalar(select(func.max(Event.id)))
    separate_app.extensions["recommender"].check_seconds = 0
    status = separate_app.extensions["recommender"].status()
    assert (status.state, status.version) == (ModelState.OK, version.version)
    assert status.promotion.by == "training"


def test_the_model_that_serves_stays_where_the_database_takes_no_writes(separate_app: Flask) -> None:
    with unit_of_work():
        _small_world()
    models, live = separate_app.extensions["settings"].models_dir, separate_app.extensions["recommender"]
    first, second = (train_model(models, lambda _share, _message: None).version for _ in range(2))
    live.check_seconds = 0
    before = live.status().promotion
    for decide in (lambda: promote_model(System(), first), lambda: roll_back_model(System())):
        with pytest.raises(DBAPIError), unit_of_work(writes=False):
            decide()
        assert live.status().promotion == before
    with unit_of_work():
        db.session.execute(text("create trigger full before insert on audit_entries begin select raise(abort, 'no entry'); end"))
    for decide in (lambda: promote_model(System(), first), lambda: roll_back_model(System())):
        with pytest.raises(DBAPIError, match="no entry"), unit_of_work():
            decide()
        assert live.status().promotion == before, "nobody serves without the entry that says who decided it"
    assert before.name == second


def _live_rows() -> list[str]:
    with unit_of_work(writes=False):
        return list(db.session.scalars(select(ModelVersion.version).where(ModelVersion.status == ModelStatus.LIVE)))


def _retrain(app: Flask) -> RunStatus:
    return execute(app, enqueue(RETRAIN, "command"))


def test_a_model_that_cannot_be_written_down_does_not_serve(separate_app: Flask) -> None:
    with unit_of_work():
        _small_world()
        db.session.execute(text("create trigger full before insert on model_versions begin select raise(abort, 'no row'); end"))
    models, live = separate_app.extensions["settings"].models_dir, separate_app.extensions["recommender"]
    live.check_seconds = 0
    assert _retrain(separate_app) is RunStatus.FAILED
    assert list_artifacts(models) == []
    with unit_of_work():
        db.session.execute(text("drop trigger full"))
    assert _retrain(separate_app) is RunStatus.SUCCEEDED
    before = live.status().promotion
    assert _live_rows() == [before.name]
    with unit_of_work():
        db.session.execute(text("create trigger full before insert on model_versions begin select raise(abort, 'no row'); end"))
    assert _retrain(separate_app) is RunStatus.FAILED
    assert live.status().promotion == before
    assert [artifact.name for artifact in list_artifacts(models)] == [before.name]


def test_a_decision_whose_entry_was_lost_is_found_and_written_down_once(separate_app: Flask) -> None:
    with unit_of_work():
        _small_world()
    assert [_retrain(separate_app) for _ in range(2)] == [RunStatus.SUCCEEDED] * 2
    models, live = separate_app.extensions["settings"].models_dir, separate_app.extensions["recommender"]
    live.check_seconds = 0
    second, first = (artifact.name for artifact in list_artifacts(models))

    def lost_entries() -> list[tuple[str, str | None, str]]:
        with unit_of_work():
            record_serving_model()
            entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "model.found_serving").order_by(AuditEntry.id))
            return [(entry.subject, entry.detail["before"], entry.detail["by"]) for entry in entries]

    assert (lost_entries(), _live_rows()) == ([], [second])

    def promote_and_end() -> None:
        promote_model(System(), first)
        raise KeyboardInterrupt  # as a process ends between the file and the commit

    with pytest.raises(KeyboardInterrupt), unit_of_work():
        promote_and_end()
    assert live.status().version == first
    lost = (f"model:{first}", second, "command_line")
    assert (lost_entries(), lost_entries(), _live_rows()) == ([lost], [lost], [first])
    promote(models, second, "", "somebody")  # beside the application
    assert (lost_entries(), _live_rows()) == ([lost, (f"model:{second}", first, "somebody")], [second])
    with unit_of_work():
        promote_model(System(), first)
    assert len(lost_entries()) == 2, "what has its entry needs no other"


def test_nothing_to_learn_from_is_said_in_words(separate_app: Flask, training_processes: Processes) -> None:
    admin = _admin()
    with unit_of_work():
        run_id = request_run(admin, RETRAIN).id
    run = _ended(run_id, training_processes)
    assert run.status is RunStatus.SUCCEEDED
    assert run_sentence(run.message) == "Nobody has taken a course yet, so there is nothing to learn from."
    assert db.session.scalar(select(func.count()).select_from(Notification)) == 0  # nobody is alarmed
