"""Kinds need no migration, so the code before one may meet rows of kinds it does not know: pages and training leave these out, the export
of one's data holds them."""

import json

import pytest
from sqlalchemy import text

from tests.factories import make_event, make_notification
from tests.webapp.recommender.helpers import say
from webapp.extensions import db
from webapp.models.operations import JobRun, RunStatus
from webapp.models.types import StrEnumType
from webapp.models.user import Role
from webapp.queries.notifications import notification_count, unread_count
from webapp.recommender.training.dataset import interactions_frame
from webapp.registries.declared_kind import DeclaredKind
from webapp.support.clock import now

NEWER = "of_a_newer_version"
COLUMNS = [
    (table.name, column.name)
    for table in db.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, StrEnumType) and issubclass(column.type.enum, DeclaredKind)
]


@pytest.fixture
def learner(app, make_user, make_course, make_enrollment):
    """Somebody whose rows of every declared kind were written by code of a newer version."""
    user, liked, taken = make_user(), make_course(slug="maps-that-lie"), make_course()
    make_enrollment(user, taken)
    say(user, liked, "thumbs_up")
    make_event("view", user, liked)
    make_notification(user)
    db.session.flush()
    for table, column in COLUMNS:
        assert db.session.execute(text(f"update {table} set {column} = :newer"), {"newer": NEWER}).rowcount, f"no row of {table} is tried"
    db.session.expire_all()
    make_event("enroll", user, taken)
    return user


@pytest.mark.parametrize("address", ["/", "/catalog", "/courses/maps-that-lie", "/my", "/my/saved", "/my/hidden", "/notifications"])
def test_pages_of_the_person_can_be_read(client, login, learner, address) -> None:
    login(client, learner)
    answer = client.get(address)
    assert answer.status_code == 200
    assert NEWER not in answer.text


def test_an_administrator_can_see_their_home(client, login, learner, make_user) -> None:
    login(client, make_user(role=Role.ADMIN))
    assert client.get(f"/admin/learners/{learner.id}/home").status_code == 200


def test_feedback_can_be_given_over_it(client, login, learner) -> None:
    login(client, learner)
    assert client.post("/courses/maps-that-lie/feedback", data={"kind": "thumbs_down"}).status_code == 302


def test_notifications_that_cannot_be_said_are_not_counted(learner) -> None:
    assert (unread_count(learner.id), notification_count(learner.id)) == (0, 0)


def test_training_reads_the_rest(learner) -> None:
    assert len(interactions_frame()) == 1


def test_the_export_holds_them_as_they_stand(client, login, learner) -> None:
    login(client, learner)
    data = json.loads(client.get("/my/privacy/data.json").text)
    assert all(NEWER in {row[column] for row in data[table]} for table, column in COLUMNS)


@pytest.mark.parametrize("address", ["/admin", "/admin/jobs"])
def test_pages_of_administrators_can_be_read_with_a_run_of_a_job_that_is_not_declared(client, login, make_user, address) -> None:
    login(client, make_user(role=Role.ADMIN))
    db.session.add(JobRun(job_id=NEWER, status=RunStatus.SUCCEEDED, finished_at=now()))
    db.session.flush()
    assert client.get(address).status_code == 200
