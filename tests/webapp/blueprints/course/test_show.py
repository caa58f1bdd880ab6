"""The page of a course."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import make_slate
from tests.webapp.markup import plain
from webapp.extensions import db
from webapp.models.course import Prerequisite
from webapp.models.event import Event, SavedCourse
from webapp.models.rollup import CourseDay
from webapp.models.user import User
from webapp.policies import Person, System
from webapp.queries.course_content import LessonContent, content_of
from webapp.services.course_revisions import revise_course
from webapp.services.enrollments import complete_lesson, enroll

Login = Callable[[FlaskClient, User], FlaskClient]


def events(course) -> list[tuple[str, int | None, int | None]]:
    rows = db.session.execute(select(Event.kind, Event.slate_id, Event.position).where(Event.course_id == course.id).order_by(Event.id))
    return [(kind.value, slate_id, position) for kind, slate_id, position in rows]


def slate(user: User | None) -> int:
    return make_slate(user).id


def test_a_visitor_sees_what_the_course_is(client: FlaskClient, make_course, make_user) -> None:
    creator = make_user(role="creator", name="Ines Okafor")
    course = make_course("Tables <in> order", topic="Data", skills=["Sorting"], creator=creator, outcomes=["Sort a table"], lessons=2)
    required = make_course("Counting")
    db.session.add(Prerequisite(course_id=course.id, required_id=required.id))
    db.session.flush()
    page = client.get(f"/courses/{course.slug}")
    assert page.status_code == 200
    for text in (
        "Tables &lt;in&gt; order",
        "Ines Okafor",
        "Sort a table",
        "Sorting",
        "Lesson 2",
        "<span>Enroll</span></button>",
        f"/courses/{required.slug}",
    ):
        assert text in page.text
    assert "Save for later" not in page.text


def test_nothing_is_said_of_a_price_or_a_certificate_nobody_can_get(client: FlaskClient, login: Login, make_user, make_course) -> None:
    course = make_course("Knots", price_cents=2995, certificate=True)
    login(client, make_user())
    for path in (f"/courses/{course.slug}", "/catalog", "/catalog?free=1", "/"):
        page = client.get(path).text
        assert "Knots" in page
        for word in ("29.95", "$", ">Free<", "Price", "Certificate"):
            assert word not in page, (path, word)


def test_the_time_is_told_at_the_readers_pace(client: FlaskClient, login: Login, make_user, make_course) -> None:
    login(client, make_user(profile={"weekly_minutes": 240}))
    page = client.get(f"/courses/{make_course(duration_minutes=480, lessons=0).slug}")
    assert "8 h · about 2 weeks at your 4 h a week" in page.text


def test_the_time_is_that_of_its_lessons_where_it_has_any(client: FlaskClient, make_course) -> None:
    page = client.get(f"/courses/{make_course(duration_minutes=480, lessons=3).slug}").text
    assert "<dt>Time</dt><dd>30 min</dd>" in page
    assert "8 h" not in page


def test_an_imported_course_without_anything_but_a_title_has_a_page(client: FlaskClient, login: Login, make_user, make_course) -> None:
    course = make_course(lessons=0, level=None, duration_minutes=None, summary="")
    course.topic_id = None
    db.session.flush()
    login(client, make_user())
    assert client.get(f"/courses/{course.slug}").status_code == 200


@pytest.mark.parametrize(("who", "status"), [(None, 404), ("learner", 404), ("creator", 404), ("owner", 200), ("admin", 200)])
def test_a_draft_is_for_its_creator_and_administrators(
    client: FlaskClient, login: Login, make_user, make_course, who: str | None, status: int
) -> None:
    owner = make_user(role="creator")
    course = make_course(published=False, creator=owner)
    if who:
        login(client, owner if who == "owner" else make_user(role=who))
    page = client.get(f"/courses/{course.slug}")
    assert page.status_code == status
    assert ("a draft" in page.text) == (status == 200)


def test_an_unknown_course_is_not_found(client: FlaskClient) -> None:
    assert client.get("/courses/nowhere").status_code == 404


def test_opening_it_is_a_view_and_from_a_card_a_click(client: FlaskClient, login: Login, make_user, make_course) -> None:
    user, course = make_user(), make_course()
    slate_id = slate(user)
    login(client, user)
    client.get(f"/courses/{course.slug}")
    client.get(f"/courses/{course.slug}?slate={slate_id}&position=2")
    assert events(course) == [("view", None, None), ("view", slate_id, 2), ("click", slate_id, 2)]


@pytest.mark.parametrize(
    "query", ["slate=&position=2", "slate=unknown&position=2", "position=x", "slate=unknown&position=-1", "slate=" + "a" * 500]
)
def test_an_address_nobody_made_still_counts_as_a_view(client: FlaskClient, make_course, query: str) -> None:
    course = make_course()
    assert client.get(f"/courses/{course.slug}?{query}").status_code == 200
    assert db.session.scalars(select(CourseDay.visitor_views)).all() == [1]
    assert events(course) == []


def test_a_click_with_an_impossible_position_keeps_its_slate(client: FlaskClient, login: Login, make_user, make_course) -> None:
    user, course = make_user(), make_course()
    slate_id = slate(user)
    login(client, user)
    client.get(f"/courses/{course.slug}?slate={slate_id}&position=99999999")
    assert ("click", slate_id, None) in events(course)


def test_enrolling_and_leaving_by_the_buttons(client: FlaskClient, login: Login, make_user, make_course) -> None:
    user, course = make_user(), make_course()
    login(client, user)
    answer = client.post(f"/courses/{course.slug}/enroll", follow_redirects=True)
    assert "You are enrolled in" in answer.text
    assert "Begin “Lesson 1”" in plain(answer.text)
    assert "<span>Enroll</span></button>" not in answer.text
    asked = client.get(f"/courses/{course.slug}/unenroll")
    assert "Your progress is kept" in asked.text
    assert "Begin “Lesson 1”" in plain(client.get(f"/courses/{course.slug}").text)  # asking alone changes nothing
    left = client.post(f"/courses/{course.slug}/unenroll", follow_redirects=True)
    assert "You have left" in left.text
    assert "Go on where you stopped" in left.text
    for slug in (course.slug, make_course().slug):  # pressed twice, and never taken
        again = client.post(f"/courses/{slug}/unenroll", follow_redirects=True)
        assert "You do not take" in again.text
        assert "You have left" not in again.text


def test_the_bar_of_a_finished_course_says_what_its_words_say(client: FlaskClient, login: Login, make_user, make_course) -> None:
    user, course = make_user(), make_course(lessons=2)
    enroll(Person.of(user), course.slug)
    for lesson in ("text-1", "text-2"):
        complete_lesson(Person.of(user), course.slug, lesson)
    login(client, user)
    assert "2 of 2 lessons done" in client.get(f"/courses/{course.slug}").text
    content = content_of(course.id)
    more = replace(content.modules[-1], lessons=(*content.modules[-1].lessons, LessonContent("Added"), LessonContent("And another")))
    revise_course(System(), course.slug, replace(content, modules=(*content.modules[:-1], more)))
    page = client.get(f"/courses/{course.slug}").text
    assert "2 of 4 lessons done" in page
    assert '<progress max="100" value="50"' in page
    assert "Finished" in page


def test_a_finished_course_cannot_be_left(client: FlaskClient, login: Login, make_user, make_course, make_enrollment) -> None:
    user, course = make_user(), make_course()
    make_enrollment(user, course, "completed")
    login(client, user)
    answer = client.post(f"/courses/{course.slug}/unenroll", follow_redirects=True)
    assert answer.status_code == 200
    assert "nothing to leave" in answer.text
    assert client.get(f"/courses/{course.slug}/unenroll").status_code == 302


@pytest.mark.parametrize("action", ["enroll", "unenroll", "feedback"])
def test_a_visitor_is_asked_to_sign_in(client: FlaskClient, make_course, action: str) -> None:
    course = make_course()
    page = f"/courses/{course.slug}"
    answer = client.post(f"{page}/{action}", data={"kind": "save"}, headers={"Referer": f"http://localhost{page}"})
    assert answer.status_code == 302
    assert answer.location.startswith("/login")
    assert "courses" in answer.location
    assert events(course) == []


def test_saving_shows_on_the_page(client: FlaskClient, login: Login, make_user, make_course) -> None:
    user, course = make_user(), make_course()
    login(client, user)
    client.post(f"/courses/{course.slug}/feedback", data={"kind": "save", "placement": "course"})
    assert db.session.scalar(select(SavedCourse.course_id).where(SavedCourse.user_id == user.id)) == course.id
    assert 'value="unsave"' in client.get(f"/courses/{course.slug}").text


def test_who_leaves_a_withdrawn_course_is_told_before_and_after_that_there_is_no_way_back(
    client: FlaskClient, login: Login, make_user, make_course
) -> None:
    user, course = make_user(), make_course()
    enroll(Person.of(user), course.slug)
    course.status = "archived"
    db.session.flush()
    login(client, user)
    for page in (client.get(f"/courses/{course.slug}/unenroll"), client.post(f"/courses/{course.slug}/unenroll", follow_redirects=True)):
        assert "offered again" in page.text
        assert "enroll again at any time" not in page.text
        assert "enroll again to go on" not in page.text
    assert client.post(f"/courses/{course.slug}/enroll").status_code == 404


def test_a_course_one_knows_counts_as_known_where_another_builds_on_it(client: FlaskClient, login: Login, make_user, make_course) -> None:
    user, required, course = make_user(), make_course("Counting"), make_course("Tables")
    db.session.add(Prerequisite(course_id=course.id, required_id=required.id))
    db.session.flush()
    login(client, user)
    for kind, known in (("save", False), ("know", True), ("dismiss", False)):
        client.post(f"/courses/{required.slug}/feedback", data={"kind": kind})
        page = client.get(f"/courses/{course.slug}").text
        assert ("which you know already" in page, "Not yet" in page) == (known, not known)


def test_a_withdrawn_course_stays_open_for_those_in_it(client: FlaskClient, login: Login, make_user, make_course, make_enrollment) -> None:
    user, course = make_user(), make_course()
    make_enrollment(user, course)
    course.status = "archived"
    db.session.flush()
    login(client, user)
    page = client.get(f"/courses/{course.slug}")
    assert page.status_code == 200
    assert "no longer offered" in page.text
