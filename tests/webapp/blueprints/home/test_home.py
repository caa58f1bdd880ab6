"""The first page, for visitors and for learners."""

import re

import pytest

from tests.webapp.markup import plain
from tests.webapp.recommender.helpers import say
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.course import Prerequisite
from webapp.models.slate import Impression, Slate
from webapp.support.clock import now


def shelf_titles(html: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", t) for t in re.findall(r"<section class=\"shelf\".*?<h2[^>]*>(.*?)</h2>", html, flags=re.DOTALL)]


def card_ids(html: str) -> list[str]:
    return re.findall(r"id=\"card-[a-z0-9_-]*?-(\d+)\"", html)


def test_an_empty_installation_greets_visitors(client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "No courses yet" in answer.text


def test_visitors_see_popular_courses_first_and_can_register(client, make_course) -> None:
    make_course("Rarely taken", enrollment_count=1)
    make_course("Often taken", enrollment_count=50)
    html = plain(client.get("/").text)
    assert html.index("Often taken") < html.index("Rarely taken")
    assert 'href="/register"' in html


def test_the_number_of_topics_is_that_of_all_however_many_are_listed(client, make_course, make_topic) -> None:
    for number in range(31):
        make_course(topic=make_topic(f"Topic {number}"))
    page = client.get("/").text
    assert "31 courses in 31 topics." in page
    assert page.count('class="chip" href="/catalog?topic=') == 24


def test_drafts_are_never_shown(client, make_course, make_user, login) -> None:
    make_course("Hidden draft", published=False)
    make_course("Open course")
    assert "Hidden draft" not in client.get("/").text
    assert "Hidden draft" not in login(client, make_user()).get("/").text


def test_no_course_stands_twice_on_a_home_page(client, login, make_user, make_course, make_enrollment) -> None:
    learner = make_user()
    courses = [make_course(enrollment_count=n) for n in range(12)]
    make_enrollment(learner, courses[0])
    ids = card_ids(login(client, learner).get("/").text)
    assert ids
    assert len(ids) == len(set(ids))


def test_a_course_under_way_stands_first_with_its_next_lesson(client, login, make_user, make_course, make_enrollment) -> None:
    learner = make_user(name="Mara Lind")
    make_enrollment(learner, make_course("Half done"), percent=33)
    html = login(client, learner).get("/").text
    assert shelf_titles(html)[0] == "Continue learning"
    assert "Mara" in html
    assert "Lesson 1" in html


def test_a_dismissed_course_is_gone_from_the_next_page_and_comes_back_when_undone(client, login, make_user, make_course) -> None:
    course = make_course("Not my thing", enrollment_count=99)
    make_course("Something else")
    login(client, make_user())
    assert "Not my thing" in client.get("/").text
    client.post(f"/courses/{course.slug}/feedback", data={"kind": "dismiss", "next": "/"})
    assert f"card-popular-{course.id}" not in client.get("/").text
    client.post(f"/courses/{course.slug}/feedback", data={"kind": "clear", "next": "/"})
    assert course.title in client.get("/").text


def test_every_shelf_served_is_stored_with_its_items(client, login, make_user, make_course) -> None:
    learner = make_user()
    courses = {make_course().id for _ in range(3)}
    login(client, learner).get("/")
    slates = db.session.query(Slate).filter_by(user_id=learner.id).all()
    assert slates
    for slate in slates:
        places = db.session.query(Impression).filter_by(slate_id=slate.id).order_by(Impression.position).all()
        assert {place.course_id for place in places} <= courses
        assert [place.position for place in places] == list(range(1, len(slate.detail) + 1))


def test_who_skipped_onboarding_is_offered_it(client, login, make_user, make_course) -> None:
    make_course()
    assert 'href="/welcome"' in login(client, make_user(profile={"level": "beginner"})).get("/").text


def heading(html: str) -> str:
    return re.sub(r"<[^>]+>", "", re.search(r"<h1>(.*?)</h1>", html, flags=re.DOTALL).group(1))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "zone", "begins"),
    [
        ("Mara Lind", "Europe/Berlin", "Good "),
        ("Mara Lind", "UTC", "Hello, Mara."),
        ("", "UTC", "Hello."),
        ("<b>", "UTC", "Hello, &lt;b&gt;."),
    ],
)
def test_the_greeting_knows_the_readers_name_and_their_part_of_the_day(client, login, make_user, name, zone, begins) -> None:
    learner = make_user(profile={"timezone": zone, "onboarded_at": now()})
    learner.name = name
    assert heading(login(client, learner).get("/").text).startswith(begins)


def test_names_in_the_first_words_and_in_headings_are_set_apart(client, login, make_user, make_course) -> None:
    learner = make_user(profile={"onboarded_at": now()})
    learner.name = "محمد علي"
    page = login(client, learner).get("/").text
    assert 'Hello, <bdi dir="auto" lang="">محمد</bdi>.' in page


def test_the_way_to_the_goal_is_counted_in_skills(client, login, make_user, make_course, make_goal, make_enrollment) -> None:
    goal = make_goal("Data analyst", skills=["Joins", "Pandas"])
    learner = make_user(profile={"goal_id": goal.id, "onboarded_at": now()})
    course = make_course(skills=["Joins"])
    login(client, learner)
    assert "It needs 2 skills." in client.get("/").text
    enrollment = make_enrollment(learner, course, status="completed")
    html = plain(client.get("/").text)
    assert "You have 1 of 2 skills it needs." in html
    assert "Pandas" in html
    enrollment.course_id = make_course(skills=["Joins", "Pandas"]).id
    db.session.flush()
    assert "You have every skill it needs." in client.get("/").text


def test_who_has_no_goal_is_told_nothing_about_one(client, login, make_user) -> None:
    assert "On your way to" not in login(client, make_user()).get("/").text


def test_titles_are_text_not_markup(client, login, make_user, make_course, make_enrollment) -> None:
    learner = make_user()
    make_enrollment(learner, make_course("<script>alert(1)</script>"))
    make_course("Knots & <i>ropes</i>")
    html = login(client, learner).get("/").text
    assert "<script>alert" not in html
    assert "Knots &amp; &lt;i&gt;ropes&lt;/i&gt;" in html


def statements_of_home(client, login, make_user, make_course, courses: int) -> int:
    for n in range(courses):
        make_course(enrollment_count=n, published_at=now())
    login(client, make_user())
    client.get("/")
    with counted() as seen:
        html = plain(client.get("/").text)
    assert len(card_ids(html)) == courses
    return len(seen)


def test_ten_cards_cost_as_many_statements_as_two(client, login, make_user, make_course) -> None:
    two = statements_of_home(client, login, make_user, make_course, 2)
    for _ in range(8):
        make_course(published_at=now())
    with counted() as seen:
        html = plain(client.get("/").text)
    assert len(card_ids(html)) == 10
    assert len(seen) == two


@pytest.mark.parametrize(
    ("role", "hides", "says"),
    [
        ("learner", False, "You have taken all 2 courses"),
        ("learner", True, "You have taken or hidden all 3 courses"),
        ("creator", True, "You have taken or hidden or made all 3 courses"),
    ],
)
def test_who_has_been_through_everything_is_told_so(client, login, make_user, make_course, make_enrollment, role, hides, says) -> None:
    reader = make_user(role, profile={"onboarded_at": now()})
    make_enrollment(reader, make_course(), status="completed")
    make_enrollment(reader, make_course(), percent=30)
    if hides:
        say(reader, make_course(), "dismiss")
    html = login(client, reader).get("/").text
    assert "Continue learning" in html
    assert says in html
    assert "No courses yet" not in html
    assert ('href="/my/hidden"' in html.split("<main")[1]) is hides


def test_without_any_course_a_learner_is_told_that_there_are_none(client, login, make_user) -> None:
    html = login(client, make_user(profile={"onboarded_at": now()})).get("/").text
    assert "No courses yet" in html
    assert "You have taken" not in html


def test_a_card_says_what_its_course_builds_on_while_the_reader_lacks_it(client, login, make_user, make_course, make_enrollment) -> None:
    reader, first = make_user(), make_course("Knots & bends")
    db.session.add(Prerequisite(course_id=make_course("Rigging").id, required_id=first.id))
    login(client, reader)
    assert plain(client.get("/").text).count("Builds on Knots &amp; bends") == 1
    make_enrollment(reader, first)
    html = plain(client.get("/").text)
    assert "Rigging" in html
    assert "Builds on" not in html
