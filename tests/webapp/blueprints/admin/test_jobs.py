"""Background jobs as administrators see and start them."""

from flask.testing import FlaskClient

from webapp.config import ROOT
from webapp.extensions import db
from webapp.models.operations import AuditEntry, JobRun, RunStatus
from webapp.queries.job_runs import latest_run
from webapp.recommender.serving.serving_model import live_model
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.support.clock import now


def test_every_job_is_listed_with_its_schedule(admin: FlaskClient) -> None:
    html = admin.get("/admin/jobs").text
    for text in ("Retrain the recommender", "every 6 hours", "Recount enrollments", "nightly at 03:10 UTC", "never", "No job has run yet"):
        assert text in html


def test_it_says_when_nothing_is_scheduled(admin: FlaskClient) -> None:
    html = admin.get("/admin/jobs").text
    assert "No process runs the scheduler" in html
    assert "WAYMARK_SCHEDULER" in html


def test_a_job_runs_now_once(admin: FlaskClient, launched: list[int]) -> None:
    html = admin.post("/admin/jobs/recount/run", follow_redirects=True).text
    assert "has been started" in html
    assert "is under way already" in admin.post("/admin/jobs/recount/run", follow_redirects=True).text
    run = latest_run("recount")
    assert (run.trigger, run.status) == ("manual", RunStatus.QUEUED)
    assert launched == [run.id]


def test_an_unknown_job_is_not_run(admin: FlaskClient, launched: list[int]) -> None:
    assert admin.post("/admin/jobs/dishes/run").status_code == 404
    assert launched == []
    assert db.session.query(JobRun).count() == 0


def test_a_job_under_way_is_cancelled(admin: FlaskClient, launched: list[int]) -> None:
    admin.post("/admin/jobs/recount/run")
    run = latest_run("recount")
    run.status = RunStatus.RUNNING
    db.session.flush()
    address = f"/admin/jobs/runs/{run.id}/cancel"
    assert address in admin.get("/admin/jobs").text
    html = admin.post(address, follow_redirects=True).text
    assert "has been asked to stop" in html
    assert address not in html
    assert latest_run("recount").cancel_requested_at is not None
    assert [entry.action for entry in db.session.query(AuditEntry)] == ["job.run", "job.cancel"]


def test_a_job_that_waits_is_cancelled_at_once_and_one_that_has_ended_cannot_be(admin: FlaskClient, launched: list[int]) -> None:
    admin.post("/admin/jobs/prune/run")
    address = f"/admin/jobs/runs/{latest_run('prune').id}/cancel"
    html = admin.post(address, follow_redirects=True).text
    assert "The run is cancelled." in html
    assert "Cancelled" in html
    assert "has ended already" in admin.post(address, follow_redirects=True).text
    assert admin.post("/admin/jobs/runs/4711/cancel").status_code == 404


def test_a_run_of_a_job_that_is_not_declared_any_more_is_still_listed(admin: FlaskClient) -> None:
    db.session.add(
        JobRun(job_id="dishes", trigger="schedule", status=RunStatus.SUCCEEDED, finished_at=now(), message=RunMessage(sentence="Washed."))
    )
    db.session.flush()
    assert "Washed." in admin.get("/admin/jobs").text


def test_the_list_asks_for_itself_only_while_a_job_is_under_way(admin: FlaskClient, launched: list[int]) -> None:
    fragment = {"HX-Request": "true"}
    assert "hx-trigger" not in admin.get("/admin/jobs", headers=fragment).text
    admin.post("/admin/jobs/prune/run")
    answer = admin.get("/admin/jobs", headers=fragment)
    assert 'hx-trigger="every 2s"' in answer.text
    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]
    assert "<html" in admin.get("/admin/jobs", headers=fragment | {"HX-History-Restore-Request": "true"}).text


def test_what_went_wrong_can_be_read(admin: FlaskClient) -> None:
    values = {
        "status": RunStatus.FAILED,
        "finished_at": now(),
        "message": RunMessage(RunCode.CRASHED, {"error": "ValueError: no"}),
        "error": "Traceback <most recent>",
    }
    db.session.add(JobRun(job_id="recount", trigger="schedule", **values))
    db.session.flush()
    html = admin.get("/admin/jobs").text
    assert "Failed" in html
    assert "ValueError: no" in html
    assert "Traceback &lt;most recent&gt;" in html


def test_no_folder_of_the_server_is_told(admin: FlaskClient) -> None:
    folder = live_model().models_dir
    told = {
        "message": RunMessage(RunCode.CRASHED, {"error": f"OSError: Permission denied: '{folder}/serving.json'"}),
        "error": f'File "{ROOT}/webapp/jobs/runs.py", line 87',
    }
    db.session.add(JobRun(job_id="recount", trigger="schedule", status=RunStatus.FAILED, finished_at=now(), **told))
    db.session.flush()
    html = admin.get("/admin/jobs").text
    assert "Permission denied: &#39;serving.json&#39;" in html
    assert "File &#34;webapp/jobs/runs.py&#34;" in html
    assert str(folder) not in html
    assert str(ROOT) not in html
