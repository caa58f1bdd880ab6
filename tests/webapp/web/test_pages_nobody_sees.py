"""Pages asked for without a reader: HEAD, and what a browser fetches ahead. Nothing of them counts as shown or opened."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.event import Event
from webapp.models.operations import AuditEntry
from webapp.models.rollup import CourseDay
from webapp.models.slate import Impression, Slate
from webapp.models.user import User
from webapp.recommender.serving.serving_model import live_model
from webapp.support.clock import now

WRITTEN = (Slate, Impression, Event, CourseDay)
AHEAD = (
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Purpose": "Prefetch"},
    {"X-Moz": "prefetch"},
)


def rows() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in WRITTEN]


@pytest.fixture
def addresses(app: Flask, make_course, make_user) -> dict[str, str]:
    """An address of each view whose GET may write; a new one has to be added here."""
    courses: list[Course] = [make_course(f"Course {n}", lessons=1) for n in range(4)]
    slug = courses[0].slug
    found = {"home.index": "/", "course.show": f"/courses/{slug}", "learn.finished": f"/courses/{slug}/finished"}
    found |= {"admin.learners_csv": "/admin/learners.csv", "admin.learner_home": f"/admin/learners/{make_user().id}/home"}
    assert {name for name, view in app.view_functions.items() if getattr(view, "writes_on_get", False)} == set(found)
    return found


@pytest.fixture
def reader(make_user, client: FlaskClient, login: Callable[[FlaskClient, User], FlaskClient], addresses: dict[str, str]) -> User:
    """An administrator, signed in, who has finished a course."""
    user: User = make_user("admin")
    course = db.session.scalars(select(Course).where(Course.slug == addresses["course.show"].rpartition("/")[2])).one()
    moment = now()
    db.session.add(Enrollment(user_id=user.id, course_id=course.id, status=EnrollmentStatus.COMPLETED, percent=100, completed_at=moment))
    db.session.flush()
    login(client, user)
    return user


def test_a_head_request_counts_as_nothing_shown(client: FlaskClient, addresses: dict[str, str], reader: User) -> None:
    before = rows()
    for address in addresses.values():
        assert client.head(address).status_code == 200
    assert rows() == before
    for name in ("home.index", "course.show", "learn.finished"):
        assert client.get(addresses[name]).status_code == 200
    assert all(after > earlier for after, earlier in zip(rows()[:3], before, strict=False))


def test_visitors_head_requests_use_up_nothing_of_the_sample_of_slates(client: FlaskClient, addresses: dict[str, str]) -> None:
    live_model().visitor_slates = type(live_model().visitor_slates)(1, 60)
    for _ in range(5):
        assert client.head("/").status_code == 200
    assert rows()[:2] == [0, 0]
    client.get("/")
    assert rows()[0] > 0


def test_what_is_audited_is_audited_without_a_body_too(client: FlaskClient, addresses: dict[str, str], reader: User) -> None:
    client.head(addresses["admin.learners_csv"])
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 1


@pytest.mark.parametrize("headers", AHEAD, ids=str)
def test_a_page_fetched_ahead_is_refused_so_that_opening_it_asks_again(
    client: FlaskClient, addresses: dict[str, str], reader: User, headers: dict[str, str]
) -> None:
    before = rows()
    for address in addresses.values():
        answer = client.get(address, headers=headers)
        assert (answer.status_code, "no-store" in answer.headers["Cache-Control"]) == (503, True)
    assert rows() == before
    assert client.get("/catalog", headers=headers).status_code == 200  # of which nothing is written
    assert client.get("/", headers={"Sec-Purpose": "something-else"}).status_code == 200
