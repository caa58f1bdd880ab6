"""My data through the pages: download and deletion."""

import json
import re

import pytest

from tests.webapp.blueprints.account.conftest import PASSWORD
from webapp.extensions import db
from webapp.models.enrollment import Enrollment
from webapp.models.user import Role, User
from webapp.policies import permissions_of
from webapp.registries.personal_data import PersonalData


def test_the_download_holds_my_data_and_no_secrets(client, make_person, sign_in, make_course, make_enrollment) -> None:
    user = make_person(email="ada@example.com")
    course = make_course(title="Maps from coordinates")
    make_enrollment(user, course)
    sign_in(client, user.email)
    answer = client.get("/my/privacy/data.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    data = json.loads(answer.text)
    assert data["users"][0]["email"] == "ada@example.com"
    assert data["enrollments"][0]["course_id"] == course.id
    assert data["names"]["courses"][str(course.id)] == "Maps from coordinates"
    assert user.password not in answer.text
    assert user.fs_uniquifier not in answer.text


@pytest.mark.parametrize("role", list(Role))
def test_the_page_names_what_is_kept_about_people_of_one_s_role(client, make_person, sign_in, role) -> None:
    sign_in(client, make_person(role=role).email)
    named = re.findall(r"<li><b>([^<]+)</b>: \S", client.get("/my/privacy").text)
    own = permissions_of(role)
    assert named == [kind.spec.title for kind in PersonalData if kind.spec.permission is None or kind.spec.permission in own]
    assert len(named) >= 6


def test_the_page_says_who_may_look_at_it_and_the_look_is_in_the_data(app, client, make_person, sign_in) -> None:
    person = make_person()
    sign_in(client, person.email)
    assert "only administrators can look at it" in client.get("/my/privacy").text
    administrator = app.test_client()
    sign_in(administrator, make_person(role="admin").email)
    assert administrator.get(f"/admin/learners/{person.id}/home").status_code == 200
    entries = json.loads(client.get("/my/privacy/data.json").text)["audit_entries"]
    assert [entry["action"] for entry in entries] == ["learner.see_home"]


def test_who_was_a_creator_once_reads_that_courses_are_kept(client, make_person, sign_in, make_course) -> None:
    user = make_person()
    make_course(creator=user)
    sign_in(client, user.email)
    assert PersonalData.AUTHORED.spec.title in client.get("/my/privacy").text


def test_deleting_takes_the_password_and_signs_out(client, make_person, sign_in, make_course, make_enrollment, outbox) -> None:
    user = make_person(email="ada@example.com")
    make_enrollment(user, make_course())
    user_id = user.id
    sign_in(client, "ada@example.com")
    refused = client.post("/my/privacy/delete", data={"password": "not mine at all"})
    assert "This is not your password." in refused.text
    assert db.session.get(User, user_id) is not None
    assert client.post("/my/privacy/delete", data={"password": PASSWORD}).status_code == 302
    db.session.expire_all()
    assert db.session.get(User, user_id) is None
    assert db.session.query(Enrollment).filter_by(user_id=user_id).count() == 0
    assert client.get("/my/profile").status_code == 302
    assert outbox[-1].to == ["ada@example.com"]


def test_the_only_administrator_stays(client, make_person, sign_in) -> None:
    user = make_person(role=Role.ADMIN)
    sign_in(client, user.email)
    answer = client.post("/my/privacy/delete", data={"password": PASSWORD})
    assert "only administrator" in answer.text
    assert db.session.get(User, user.id) is not None
