"""A creator's courses."""

import pytest
from flask.testing import FlaskClient

from tests.webapp.markup import plain
from webapp.models.course import CourseStatus
from webapp.models.user import Role
from webapp.policies import Permission
from webapp.policies.role_permissions import _BY_ROLE, permissions_of


def test_creators_see_their_own_courses_with_counts(client, login, make_user, make_course) -> None:
    creator = make_user("creator")
    make_course("Mine", creator=creator, enrollment_count=8, completion_count=2)
    make_course("Not mine", creator=make_user("creator"))
    html = login(client, creator).get("/studio").text
    assert ">Mine<" in html
    assert "Not mine" not in html
    assert "25 %" in html
    assert "1 course together" in html


def test_a_creator_without_courses_is_told_what_comes(client, login, make_user) -> None:
    assert "No courses yet" in login(client, make_user("creator")).get("/studio").text


def test_administrators_can_look_at_all_and_creators_cannot(client, login, make_user, make_course) -> None:
    make_course("Somebody", creator=make_user("creator"))
    login(client, make_user("admin"))
    assert ">Somebody<" not in client.get("/studio").text
    assert ">Somebody<" in client.get("/studio?all=1").text
    login(client, make_user("creator"))
    assert ">Somebody<" not in client.get("/studio?all=1").text
    assert "Whose courses" not in client.get("/studio").text


@pytest.mark.parametrize(
    ("sort", "first"), [("title", "Alpha"), ("enrolled", "Beta"), ("finished", "Beta"), ("completion", "Alpha"), ("nonsense", "Gamma")]
)
def test_the_list_is_sorted_as_asked(client, login, make_user, make_course, sort: str, first: str) -> None:
    creator = make_user("creator")
    make_course("Beta", creator=creator, enrollment_count=40, completion_count=10)
    make_course("Alpha", creator=creator, enrollment_count=10, completion_count=9)
    make_course("Gamma", creator=creator)
    html = login(client, creator).get(f"/studio?sort={sort}").text
    places = {title: html.index(f">{title}<") for title in ("Alpha", "Beta", "Gamma")}
    assert min(places, key=lambda title: places[title]) == first
    assert html.count("aria-sort") == 1


def test_pages_keep_the_sorting(client, login, make_user, make_course) -> None:
    creator = make_user("creator")
    for n in range(21):
        make_course(f"Course no {n:02}", creator=creator)
    html = login(client, creator).get("/studio?sort=title").text
    assert "sort=title&amp;page=2" in html
    assert "Course no 20" in client.get("/studio?sort=title&page=2").text


def test_a_course_published_a_second_ago_is_found_and_recommended(client, login, make_user, make_course) -> None:
    creator = make_user("creator")
    course = make_course("Brand new", creator=creator, published=False)
    visitor = client.application.test_client()
    assert visitor.get(f"/courses/{course.slug}").status_code == 404
    assert login(client, creator).post(f"/studio/{course.slug}/publish").status_code == 302
    assert visitor.get(f"/courses/{course.slug}").status_code == 200
    assert "Brand new" in visitor.get("/catalog").text
    assert "Brand new" in visitor.get("/").text
    client.post(f"/studio/{course.slug}/unpublish")
    assert "Brand new" not in visitor.get("/catalog").text
    assert "Brand new" not in visitor.get("/").text


def test_taking_back_is_asked_about_first_and_can_be_undone(client, login, make_user, make_course) -> None:
    creator = make_user("creator")
    course = make_course("Well liked", creator=creator, enrollment_count=3)
    question = login(client, creator).get(f"/studio/{course.slug}/unpublish?next=/studio?sort%3Dtitle").text
    assert "3 learners have enrolled" in question
    assert course.status == CourseStatus.PUBLISHED
    answer = client.post(f"/studio/{course.slug}/unpublish", data={"next": "/studio?sort=title"})
    assert answer.headers["Location"] == "/studio?sort=title"
    html = plain(client.get(answer.headers["Location"]).text)
    assert "“Well liked” is taken back" in html
    assert "Undo: publish Well liked" in html
    assert "is taken back" not in client.get("/studio").text  # said once
    html = plain(client.post(f"/studio/{course.slug}/publish", follow_redirects=True).text)
    assert "“Well liked” is published" in html
    assert "Undo: take back Well liked" in html


def test_there_is_nothing_to_ask_about_a_draft(client, login, make_user, make_course) -> None:
    creator = make_user("creator")
    course = make_course(creator=creator, published=False)
    assert login(client, creator).get(f"/studio/{course.slug}/unpublish").headers["Location"] == "/studio"


def test_the_way_back_stays_on_this_site(client: FlaskClient, login, make_user, make_course) -> None:
    creator = make_user("creator")
    course = make_course(creator=creator)
    login(client, creator)
    answer = client.post(f"/studio/{course.slug}/unpublish", data={"next": "https://evil.example/"})
    assert answer.headers["Location"] == "/studio"
    client.post(f"/studio/{course.slug}/publish")
    html = client.get(f"/studio/{course.slug}/unpublish?next=//evil.example").text
    assert "evil.example" not in html.split("<main")[1]


def test_nobody_publishes_for_others(client, login, make_user, make_course) -> None:
    course = make_course(creator=make_user("creator"), published=False)
    assert login(client, make_user("creator")).post(f"/studio/{course.slug}/publish").status_code == 404
    assert course.status == CourseStatus.DRAFT
    assert login(client, make_user("admin")).post(f"/studio/{course.slug}/publish").status_code == 302


def test_sorting_turns_round_and_swaps_the_table_alone(client, login, make_user, make_course) -> None:
    creator = make_user("creator")
    for title, enrolled in (("Beta", 4), ("Alpha", 9)):
        make_course(title, creator=creator, enrollment_count=enrolled)
    html = login(client, creator).get("/studio?sort=enrolled").text
    assert "sort=enrolled&amp;dir=asc" in html
    turned = client.get("/studio?sort=enrolled&dir=asc", headers={"HX-Request": "true"})
    assert "<html" not in turned.text
    assert turned.text.index(">Beta<") < turned.text.index(">Alpha<")
    assert "2 courses together" in turned.text


def test_the_courses_are_there_as_a_file(client, login, make_user, make_course) -> None:
    creator = make_user("creator")
    for n in range(23):
        make_course(f"=Course {n:02}", creator=creator, enrollment_count=n, completion_count=1)
    make_course("Not mine", creator=make_user("creator"))
    answer = login(client, creator).get("/studio/courses.csv?sort=enrolled&page=2&all=1")
    lines = answer.text.removeprefix("\ufeff").splitlines()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert lines[0].startswith("Course,State,Published,Enrolled")
    assert len(lines) == 24
    assert lines[1].startswith("'=Course 22,Published,")
    assert "Not mine" not in answer.text
    assert client.get("/studio?sort=enrolled").text.count("courses.csv?sort=enrolled") == 1


def test_everybodys_courses_are_for_who_may_edit_any(client, login, make_user, make_course, monkeypatch) -> None:
    """Seeing the admin pages is another permission."""
    make_course("Somebody", creator=make_user("creator"))
    monkeypatch.setitem(_BY_ROLE, Role.ADMIN, permissions_of(Role.ADMIN) - {Permission.EDIT_ANY_COURSE})
    login(client, make_user("admin"))
    assert client.get("/admin").status_code == 200
    assert ">Somebody<" not in client.get("/studio?all=1").text
    assert "Somebody" not in client.get("/studio/courses.csv?all=1").text
