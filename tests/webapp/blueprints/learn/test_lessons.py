"""Taking a course, page by page."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment, EnrollmentStatus
from webapp.models.lesson import Choice, Lesson, LessonKind, Question
from webapp.models.user import User
from webapp.policies import System
from webapp.queries.course_content import CourseContent, content_of
from webapp.services.course_revisions import revise_course


@pytest.fixture
def learner(client: FlaskClient, login, make_user) -> User:
    user = make_user()
    login(client, user)
    return user


@pytest.fixture
def course(learner: User, client: FlaskClient, make_course) -> Course:
    """A course of two lessons and a quiz the learner is enrolled in."""
    course = make_course("Knots", lessons=2, quiz=True, skills=["Tying"])
    client.post(f"/courses/{course.slug}/enroll")
    return course


def choice(course: Course, right: bool) -> dict[str, str]:
    found = db.session.scalars(select(Choice).where(Choice.correct == right)).one()
    return {f"question-{found.question_id}": str(found.id)}


def enrollment(course: Course) -> Enrollment:
    return db.session.scalars(select(Enrollment).where(Enrollment.course_id == course.id)).one()


def test_a_visitor_signs_in_and_comes_back(client: FlaskClient, make_course) -> None:
    answer = client.get(f"/courses/{make_course().slug}/learn/text-1")
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=")
    assert "text-1" in answer.location


@pytest.mark.parametrize("path", ["learn", "learn/text-1", "finished"])
def test_who_is_not_enrolled_is_shown_the_course(client: FlaskClient, learner: User, make_course, path: str) -> None:
    course = make_course()
    answer = client.get(f"/courses/{course.slug}/{path}", follow_redirects=True)
    assert answer.request.path == f"/courses/{course.slug}"
    assert "Enroll first" in answer.text


def test_who_has_left_is_shown_the_course(client: FlaskClient, course: Course) -> None:
    client.post(f"/courses/{course.slug}/unenroll")
    assert client.post(f"/courses/{course.slug}/learn/text-1/complete").location == f"/courses/{course.slug}"
    assert enrollment(course).percent == 0


@pytest.mark.parametrize("path", ["nowhere/learn", "nowhere/learn/text-1"])
def test_an_unknown_course_is_not_found(client: FlaskClient, learner: User, path: str) -> None:
    assert client.get(f"/courses/{path}").status_code == 404


def test_an_unknown_lesson_is_not_found(client: FlaskClient, course: Course) -> None:
    assert client.get(f"/courses/{course.slug}/learn/nothing").status_code == 404
    assert client.post(f"/courses/{course.slug}/learn/nothing/complete").status_code == 404


def test_a_lesson_shows_its_text_and_the_ways_on(client: FlaskClient, course: Course) -> None:
    page = client.get(f"/courses/{course.slug}/learn/text-2").text
    assert "Some <em>text</em>." in page
    assert f'href="/courses/{course.slug}/learn/text-1" rel="prev"' in page
    assert f'href="/courses/{course.slug}/learn/quiz-3" rel="next"' in page
    assert "Mark complete and go on" in page


def lesson(course: Course, slug: str, **columns) -> None:
    row = db.session.scalars(select(Lesson).where(Lesson.course_id == course.id, Lesson.slug == slug)).one()
    for name, value in columns.items():
        setattr(row, name, value)
    db.session.flush()


def test_the_practice_stands_apart_and_the_minutes_say_what_they_are(client: FlaskClient, course: Course) -> None:
    lesson(course, "text-1", minutes=81, body="About *bowlines*.\n\n### Practice (80 min)\n\nTie **ten** of them.\n\n- one blind")
    page = client.get(f"/courses/{course.slug}/learn/text-1").text
    assert "1 h 21 min: 1 min reading, 1 h 20 min practice" in page
    text, practice = page.split('<h2 id="practice">Practice · about 1 h 20 min</h2>')
    assert "About <em>bowlines</em>." in text
    assert "Tie <strong>ten</strong> of them." in practice
    assert "### Practice" not in page
    assert "Tie" not in text


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"minutes": 1}, "· 1 min</p>"),  # one kind of thing needs no list
        ({"minutes": 10}, "· 10 min</p>"),  # stated by somebody: no parts are made up
        ({"minutes": 9, "kind": LessonKind.VIDEO}, "· 9 min: 1 min reading, 8 min watching</p>"),
        ({"minutes": 1, "body": ""}, "· 1 min</p>"),
        ({"minutes": 1, "body": "### Practice (30 min)"}, "· 1 min</p>"),
    ],
)
def test_minutes_are_taken_apart_where_the_parts_are_known(client: FlaskClient, course: Course, columns: dict, words: str) -> None:
    lesson(course, "text-1", **columns)
    page = client.get(f"/courses/{course.slug}/learn/text-1").text
    assert words in " ".join(page.split()).replace(" </p>", "</p>")
    assert 'id="practice"' not in page


def test_a_quiz_with_notes_says_how_long_both_take(client: FlaskClient, course: Course) -> None:
    lesson(course, "quiz-3", minutes=2)
    assert "· 2 min · quiz: 1 min reading, 1 min questions" in client.get(f"/courses/{course.slug}/learn/quiz-3").text


def test_markup_in_a_practice_is_text(client: FlaskClient, course: Course) -> None:
    lesson(course, "text-1", body="Text.\n\n### Practice (5 min)\n\n<script>alert(1)</script> [x](javascript:alert(1))")
    page = client.get(f"/courses/{course.slug}/learn/text-1").text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


def test_markup_in_a_lesson_is_text(client: FlaskClient, course: Course) -> None:
    lesson = db.session.scalars(select(Lesson).where(Lesson.course_id == course.id, Lesson.slug == "text-1")).one()
    lesson.body = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    db.session.flush()
    page = client.get(f"/courses/{course.slug}/learn/text-1").text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "<img" not in page


def test_learning_goes_on_where_it_stopped_and_ends_with_the_next_step(client: FlaskClient, course: Course) -> None:
    learn = f"/courses/{course.slug}/learn"
    assert client.get(learn).location == f"{learn}/text-1"
    assert client.post(f"{learn}/text-1/complete").location == f"{learn}/text-2"
    assert client.get(learn).location == f"{learn}/text-2"
    assert client.post(f"{learn}/text-2/complete").location == f"{learn}/quiz-3"
    assert client.post(f"{learn}/quiz-3/answer", data=choice(course, right=True)).status_code == 200
    assert enrollment(course).status == EnrollmentStatus.COMPLETED
    done = client.get(learn, follow_redirects=True).text
    assert "You finished Knots" in done
    assert "Tying" in done


def test_skipped_lessons_come_back(client: FlaskClient, course: Course) -> None:
    learn = f"/courses/{course.slug}/learn"
    client.post(f"{learn}/quiz-3/answer", data=choice(course, right=True))
    assert client.post(f"{learn}/text-2/complete").location == f"{learn}/text-1"
    assert client.post(f"{learn}/text-1/complete").location == f"/courses/{course.slug}/finished"


def test_a_double_click_completes_once(client: FlaskClient, course: Course) -> None:
    places = [client.post(f"/courses/{course.slug}/learn/text-1/complete").location for _ in range(2)]
    assert places == [f"/courses/{course.slug}/learn/text-2"] * 2
    assert enrollment(course).percent == 33


def test_a_wrong_answer_is_explained_and_kept(client: FlaskClient, course: Course) -> None:
    wrong = choice(course, right=False)
    answer = client.post(f"/courses/{course.slug}/learn/quiz-3/answer", data=wrong)
    assert "0 of 1 right" in answer.text
    assert "Because." in answer.text
    assert f'value="{next(iter(wrong.values()))}" checked' in answer.text
    assert enrollment(course).percent == 0


def test_code_in_a_quiz_is_shown_as_code(client: FlaskClient, course: Course) -> None:
    data = choice(course, right=False)
    wrong = db.session.scalars(select(Choice).where(Choice.correct.is_(False))).one()
    question = db.session.get(Question, wrong.question_id)
    wrong.text, question.text, question.explanation = "`<b>`", "What is `NULL`?", "Only `IS NULL` finds it."
    page = client.post(f"/courses/{course.slug}/learn/quiz-3/answer", data=data).text
    for code in ("<code>&lt;b&gt;</code>", "What is <code>NULL</code>?", "Only <code>IS NULL</code> finds it."):
        assert code in page
    assert page.count('class="option wrong"') == 1


def test_a_missing_answer_is_named(client: FlaskClient, course: Course) -> None:
    answer = client.post(f"/courses/{course.slug}/learn/quiz-3/answer", data={})
    assert "Choose an answer." in answer.text
    assert enrollment(course).percent == 0


def test_a_choice_of_another_question_is_no_answer(client: FlaskClient, course: Course) -> None:
    name = next(iter(choice(course, right=True)))
    answer = client.post(f"/courses/{course.slug}/learn/quiz-3/answer", data={name: "987654"})
    assert "right." not in answer.text
    assert enrollment(course).percent == 0


def test_htmx_gets_the_quiz_and_what_changed_beside_it(client: FlaskClient, course: Course) -> None:
    answer = client.post(f"/courses/{course.slug}/learn/quiz-3/answer", data=choice(course, right=True), headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert "1 of 1 right" in answer.text
    assert answer.text.count('hx-swap-oob="true"') == 2
    assert "1 of 3 lessons done" in answer.text


def test_what_waits_to_be_said_comes_with_the_quiz(client: FlaskClient, course: Course) -> None:
    client.get(f"/courses/{course.slug}/learn/quiz-3")
    with client.session_transaction() as session:
        session["_flashes"] = [("success", "Done a moment ago.")]
    answer = client.post(f"/courses/{course.slug}/learn/quiz-3/answer", data=choice(course, right=True), headers={"HX-Request": "true"})
    assert "Done a moment ago." in answer.text
    assert answer.vary.as_set() >= {"hx-request"}


def test_a_quiz_cannot_be_marked_complete(client: FlaskClient, course: Course) -> None:
    answer = client.post(f"/courses/{course.slug}/learn/quiz-3/complete", follow_redirects=True)
    assert "answer its questions" in answer.text
    assert enrollment(course).percent == 0


def test_the_end_is_not_shown_before_it(client: FlaskClient, course: Course) -> None:
    assert client.get(f"/courses/{course.slug}/finished").location == f"/courses/{course.slug}/learn"


def test_a_course_taken_elsewhere_is_finished_by_a_button(client: FlaskClient, learner: User, make_course) -> None:
    course = make_course(lessons=0)
    client.post(f"/courses/{course.slug}/enroll")
    assert client.get(f"/courses/{course.slug}/learn").location == f"/courses/{course.slug}"
    assert "I have finished it" in client.get(f"/courses/{course.slug}").text
    assert "You finished" in client.post(f"/courses/{course.slug}/finish", follow_redirects=True).text


def test_a_course_with_lessons_is_not_finished_by_a_request(client: FlaskClient, course: Course) -> None:
    answer = client.post(f"/courses/{course.slug}/finish", follow_redirects=True)
    assert "finished by its lessons" in answer.text
    assert enrollment(course).status == EnrollmentStatus.ACTIVE


class TestLessonsThatLeft:
    @pytest.fixture
    def shorter(self, client: FlaskClient, course: Course) -> Course:
        """The course after its first lesson, which the learner has done, was taken out."""
        client.post(f"/courses/{course.slug}/learn/text-1/complete")
        (module,) = content_of(course.id).modules
        revise_course(System(), course.slug, CourseContent((replace(module, lessons=module.lessons[1:]),)))
        return course

    @pytest.mark.parametrize("answer", ["get", "complete", "answer"])
    def test_whoever_kept_its_address_goes_on_with_the_course(self, client: FlaskClient, shorter: Course, answer: str) -> None:
        address = f"/courses/{shorter.slug}/learn/text-1"
        method = client.get if answer == "get" else client.post
        page = method(address if answer == "get" else f"{address}/{answer}", follow_redirects=True)
        assert (page.status_code, page.request.path) == (200, f"/courses/{shorter.slug}/learn/text-2")
        assert "no longer part of the course" in page.text

    def test_it_shows_on_no_page(self, client: FlaskClient, shorter: Course) -> None:
        for address in (f"/courses/{shorter.slug}", f"/courses/{shorter.slug}/learn/text-2", "/my", "/", f"/search?q={shorter.title}"):
            assert "Lesson 1<" not in client.get(address, follow_redirects=True).text.replace("\n", "")
            assert f"/courses/{shorter.slug}/learn/text-1" not in client.get(address, follow_redirects=True).text
        assert "0 of 2 lessons" in client.get(f"/courses/{shorter.slug}").text
        assert client.get(f"/courses/{shorter.slug}/learn/nowhere").status_code == 404

    def test_who_has_done_the_rest_is_offered_to_finish(self, client: FlaskClient, course: Course) -> None:
        client.post(f"/courses/{course.slug}/learn/text-1/complete")
        (module,) = content_of(course.id).modules
        revise_course(System(), course.slug, CourseContent((replace(module, lessons=module.lessons[:1]),)))
        for address in (f"/courses/{course.slug}", f"/courses/{course.slug}/learn/text-1"):
            assert f'action="/courses/{course.slug}/finish"' in client.get(address).text
        client.post(f"/courses/{course.slug}/finish")
        assert enrollment(course).status == EnrollmentStatus.COMPLETED

    def test_a_course_that_lost_all_its_lessons_still_opens(self, client: FlaskClient, shorter: Course) -> None:
        revise_course(System(), shorter.slug, CourseContent())
        page = client.get(f"/courses/{shorter.slug}/learn/text-1", follow_redirects=True)
        assert (page.status_code, page.request.path) == (200, f"/courses/{shorter.slug}")
