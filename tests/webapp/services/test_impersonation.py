"""Looking at somebody's home page."""

import pytest

from webapp.extensions import db
from webapp.models.operations import AuditEntry
from webapp.policies import Forbidden, Person
from webapp.services.errors import NotFound
from webapp.services.impersonation import authorize_learner_home


def test_every_look_is_written_down(make_user) -> None:
    admin, learner = make_user("admin"), make_user()
    assert authorize_learner_home(Person.of(admin), learner.id).id == learner.id
    entry = db.session.query(AuditEntry).one()
    assert (entry.action, entry.actor_id, entry.subject) == ("learner.see_home", admin.id, f"user:{learner.id}")


@pytest.mark.parametrize("role", ["learner", "creator"])
def test_only_administrators_may_look(make_user, role: str) -> None:
    with pytest.raises(Forbidden):
        authorize_learner_home(Person.of(make_user(role)), make_user().id)
    assert db.session.query(AuditEntry).count() == 0


def test_who_is_no_learner_is_not_looked_at(make_user) -> None:
    admin = make_user("admin")
    for user_id in (admin.id, 10**6):
        with pytest.raises(NotFound):
            authorize_learner_home(Person.of(admin), user_id)
