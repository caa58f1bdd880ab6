"""Jobs on demand: by administrators, once at a time, written down, in a process of their own."""

import pytest
from sqlalchemy import select

from tests.factories import make_user
from webapp.extensions import db
from webapp.models import AuditEntry, JobRun, RunStatus
from webapp.policies import Forbidden, Person
from webapp.queries.job_runs import latest_run
from webapp.services.errors import Conflict
from webapp.services.jobs import request_run
from webapp.transactions import Abandon, unit_of_work


def _admin() -> Person:
    with unit_of_work():
        return Person.of(make_user(role="admin"))


@pytest.mark.parametrize(("job_id", "action"), [("recount", "job.run"), ("prune", "job.run"), ("retrain", "model.retrain")])
def test_the_process_starts_when_the_request_is_durable(launched, job_id: str, action: str) -> None:
    admin = _admin()
    with unit_of_work():
        run_id = request_run(admin, job_id).id
        assert launched == []
    assert launched == [run_id]
    run = latest_run(job_id)
    assert (run.status, run.trigger, run.requested_by) == (RunStatus.QUEUED, "manual", admin.user_id)
    assert db.session.scalars(select(AuditEntry.action)).all() == [action]


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
    with pytest.raises(Forbidden):
        request_run(Person.of(make_user(role)), "recount")
