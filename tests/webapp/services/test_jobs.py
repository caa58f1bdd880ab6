"""Jobs on demand: by administrators, once at a time, written down, in a process of their own."""

import pytest
from sqlalchemy import select

from tests.factories import make_user
from webapp.extensions import db
from webapp.models.notification import Notification
from webapp.models.operations import AuditEntry, JobRun, RunStatus
from webapp.policies import Forbidden, Person
from webapp.queries.job_runs import latest_run
from webapp.registries.jobs import JOBS
from webapp.registries.notifications import NotificationKind
from webapp.registries.run_messages import RunCode, RunMessage
from webapp.services.errors import Conflict, NotFound
from webapp.services.job_runs import begin_and_get_run, cancel_run, enqueue_run, fail_run, record_beat_and_check_cancel
from webapp.services.jobs import request_cancel, request_run
from webapp.transactions import Abandon, unit_of_work

BROKE = RunMessage(RunCode.CRASHED, {"error": "It broke."})


def _admin() -> Person:
    with unit_of_work():
        return Person.of(make_user(role="admin"))


@pytest.mark.parametrize("job_id", JOBS)
def test_the_process_starts_when_the_request_is_durable(launched, job_id: str) -> None:
    admin = _admin()
    with unit_of_work():
        run_id = request_run(admin, job_id).id
        assert launched == []
    assert launched == [run_id]
    run = latest_run(job_id)
    assert (run.status, run.trigger, run.requested_by) == (RunStatus.QUEUED, "manual", admin.user_id)
    assert db.session.scalars(select(AuditEntry.action)).all() == ["job.run"]


def test_a_request_that_fails_starts_nothing(launched) -> None:
    admin = _admin()
    with unit_of_work():
        request_run(admin, "recount")
        raise Abandon
    assert launched == []
    assert latest_run("recount") is None


def test_one_run_at_a_time_and_jobs_do_not_wait_for_each_other(launched) -> None:
    admin = _admin()
    with unit_of_work():
        request_run(admin, "recount")
    with pytest.raises(Conflict), unit_of_work():
        request_run(admin, "recount")
    with unit_of_work():
        request_run(admin, "prune")
    assert len(launched) == len(db.session.scalars(select(JobRun)).all()) == 2


@pytest.mark.parametrize("role", ["learner", "creator"])
def test_others_may_not(app, make_user, role: str) -> None:
    actor = Person.of(make_user(role))
    for job_id in JOBS:
        with pytest.raises(Forbidden):
            request_run(actor, job_id)
    run = enqueue_run("retrain", "schedule")
    with pytest.raises(Forbidden):
        request_cancel(actor, run.id)


def test_what_is_not_declared_or_has_ended_can_be_neither_run_nor_cancelled(launched) -> None:
    admin = _admin()
    with pytest.raises(NotFound), unit_of_work():
        request_run(admin, "dishes")
    with pytest.raises(NotFound), unit_of_work():
        request_cancel(admin, 4711)
    with unit_of_work():
        run = request_run(admin, "prune")
        fail_run(run.id, BROKE, "over")
    with pytest.raises(Conflict), unit_of_work():
        request_cancel(admin, run.id)


def test_a_running_job_is_asked_once_and_a_queued_one_is_cancelled(launched) -> None:
    admin = _admin()
    with unit_of_work():
        running, queued = request_run(admin, "retrain").id, request_run(admin, "prune").id
        begin_and_get_run(running)
    with unit_of_work():
        request_cancel(admin, running)
        request_cancel(admin, queued)
    asked = latest_run("retrain").cancel_requested_at
    with unit_of_work():
        request_cancel(admin, running)
    assert (latest_run("retrain").status, latest_run("retrain").cancel_requested_at) == (RunStatus.RUNNING, asked)
    assert latest_run("prune").status is RunStatus.CANCELLED
    assert record_beat_and_check_cancel(running, 0.5, BROKE) is True


def test_administrators_are_told_of_a_run_that_fails_where_the_declaration_says_so_and_of_no_cancelled_one(launched) -> None:
    admin = _admin()
    with unit_of_work():
        for job_id, end in (("prune", fail_run), ("retrain", fail_run)):
            end(request_run(admin, job_id).id, BROKE, "It broke.")
        cancel_run(request_run(admin, "retrain").id)
    (told,) = db.session.scalars(select(Notification))
    assert (told.kind, told.data) == (NotificationKind.TRAINING_FAILED, {"message": BROKE.to_json()})
