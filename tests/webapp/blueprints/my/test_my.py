"""A learner's dashboard."""

import re

import pytest

from tests.webapp.markup import plain


def test_each_heading_holds_its_courses(client, login, make_user, make_course, make_enrollment) -> None:
    learner = make_user()
    make_enrollment(learner, make_course("Under way"))
    make_enrollment(learner, make_course("All done"), status="completed")
    make_enrollment(learner, make_course("Left alone"), status="dropped")
    saved, hidden = make_course("For later"), make_course("Never mind")
    login(client, learner)
    client.post(f"/courses/{saved.slug}/feedback", data={"kind": "save"})
    client.post(f"/courses/{hidden.slug}/feedback", data={"kind": "dismiss"})
    client.get("/")  # shows what the buttons have answered, which names the courses too
    pages = {path: client.get(path).text for path in ("/my", "/my/completed", "/my/saved", "/my/hidden")}
    expected = {"/my": "Under way", "/my/completed": "All done", "/my/saved": "For later", "/my/hidden": "Never mind"}
    for path, html in pages.items():
        assert [title for title in expected.values() if f">{title}<" in html] == [expected[path]]
        assert ">Left alone<" not in html


def test_empty_headings_say_what_helps(client, login, make_user) -> None:
    login(client, make_user())
    assert "Nothing under way" in client.get("/my").text
    assert "Nothing hidden" in client.get("/my/hidden").text


def test_somebody_elses_courses_are_not_there(client, login, make_user, make_course, make_enrollment) -> None:
    make_enrollment(make_user(), make_course("Theirs"))
    assert "Theirs" not in login(client, make_user()).get("/my").text


@pytest.mark.parametrize("path", ["/my", "/my/saved", "/my/completed", "/my/hidden"])
def test_visitors_are_asked_to_sign_in_and_come_back(client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location == f"/login?next={path}"


def test_there_are_no_other_headings(client, login, make_user) -> None:
    assert login(client, make_user()).get("/my/everything").status_code == 404


@pytest.mark.parametrize(("kind", "words"), [("dismiss", "Not for you"), ("know", "You know this already")])
def test_a_hidden_course_says_why_and_can_be_brought_back(client, login, make_user, make_course, kind: str, words: str) -> None:
    course = make_course("Never mind")
    login(client, make_user())
    client.post(f"/courses/{course.slug}/feedback", data={"kind": kind})
    assert words in client.get("/my/hidden").text
    answer = client.post(f"/courses/{course.slug}/feedback", data={"kind": "clear", "next": "/my/hidden"}, follow_redirects=True)
    assert answer.request.path == "/my/hidden"
    assert "Nothing hidden" in answer.text


def test_a_hidden_course_that_is_withdrawn_leads_to_no_page_that_is_not_there(client, login, make_user, make_course) -> None:
    course = make_course("Never mind")
    address = f"/courses/{course.slug}"
    login(client, make_user())
    client.post(f"{address}/feedback", data={"kind": "know"})
    assert f'href="{address}"' in client.get("/my/hidden").text
    course.status = "archived"
    page = client.get("/my/hidden").text
    assert "Never mind" in page
    assert f'href="{address}"' not in page
    assert "no longer offered" in page
    assert client.get(address).status_code == 404
    answer = client.post(f"{address}/feedback", data={"kind": "clear", "next": "/my/hidden"}, follow_redirects=True)
    assert "Nothing hidden" in answer.text


def test_a_course_under_way_leads_to_its_next_lesson(client, login, make_user, make_course, make_enrollment) -> None:
    learner, course = make_user(), make_course("Under way")
    make_enrollment(learner, course)
    html = plain(login(client, learner).get("/my").text)
    assert "next: Lesson 1" in html
    assert f'href="/courses/{course.slug}/learn"' in html


def test_long_lists_come_in_pages(client, login, make_user, make_course, make_enrollment) -> None:
    learner = make_user()
    for _ in range(14):
        make_enrollment(learner, make_course(), status="completed")
    login(client, learner)
    pages = [re.findall(r'id="card-my-(\d+)"', client.get(f"/my/completed?page={n}").text) for n in (1, 2)]
    assert [len(page) for page in pages] == [12, 2]
    assert len(set(pages[0] + pages[1])) == 14
    assert "Finished (14)" in client.get("/my").text
