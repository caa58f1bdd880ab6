"""Taking a course: what is kept, what is counted, and that doing it twice changes nothing."""

import pytest
from sqlalchemy import select

from webapp.extensions import db
from webapp.models.course import Course, CourseStatus
from webapp.models.enrollment import Enrollment, EnrollmentStatus, LessonProgress
from webapp.models.event import Event
from webapp.models.lesson import Choice, Question
from webapp.models.user import User
from webapp.policies import Forbidden, Person
from webapp.queries.syllabus import enrollment_of
from webapp.services import enrollments
from webapp.services.errors import Conflict, Invalid, NotFound


@pytest.fixture
def learner(make_user) -> User:
    return make_user()


@pytest.fixture
def actor(learner: User) -> Person:
    return Person.of(learner)


def standing(actor: Person, course: Course) -> Enrollment:
    found = enrollment_of(actor.user_id or 0, course.id)
    assert found is not None
    return found


def counts(course: Course) -> tuple[int, int]:
    row = db.session.execute(select(Course.enrollment_count, Course.completion_count).where(Course.id == course.id)).one()
    return row[0], row[1]


def events(course: Course) -> list[tuple[str, float | None]]:
    rows = db.session.execute(select(Event.kind, Event.value).where(Event.course_id == course.id).order_by(Event.id))
    return [(kind.value, value) for kind, value in rows]


def choices(course: Course, right: bool) -> dict[int, int]:
    rows = db.session.execute(select(Question.id, Choice.id).join(Choice, Choice.question_id == Question.id).where(Choice.correct == right))
    return {question: choice for question, choice in rows}


def test_enrolling_twice_is_enrolling_once(actor: Person, make_course) -> None:
    course = make_course()
    first, second = (enrollments.enroll(actor, course.slug).changed for _ in range(2))
    assert (first, second) == (True, False)
    assert standing(actor, course).status == EnrollmentStatus.ACTIVE
    assert counts(course) == (1, 0)
    assert events(course) == [("enroll", None)]


def test_a_counter_is_no_edit_of_the_course(actor: Person, make_course) -> None:
    course = make_course()
    before = db.session.scalar(select(Course.updated_at).where(Course.id == course.id))
    enrollments.enroll(actor, course.slug)
    assert db.session.scalar(select(Course.updated_at).where(Course.id == course.id)) == before


def test_leaving_twice_is_leaving_once_and_coming_back_keeps_what_was_done(actor: Person, make_course) -> None:
    course = make_course(lessons=4)
    enrollments.enroll(actor, course.slug)
    enrollments.complete_lesson(actor, course.slug, "text-1")
    assert [enrollments.unenroll(actor, course.slug).changed for _ in range(2)] == [True, False]
    assert counts(course) == (0, 0)
    assert enrollments.enroll(actor, course.slug).changed
    assert (standing(actor, course).status, standing(actor, course).percent) == (EnrollmentStatus.ACTIVE, 25)
    assert counts(course) == (1, 0)
    assert [kind for kind, _ in events(course)] == ["enroll", "progress", "drop", "enroll"]


def test_a_draft_cannot_be_found_and_an_archived_course_takes_nobody(actor: Person, make_course) -> None:
    draft = make_course(published=False)
    with pytest.raises(NotFound):
        enrollments.enroll(actor, draft.slug)
    with pytest.raises(NotFound):
        enrollments.enroll(actor, "nowhere")


def test_its_creator_is_told_that_a_draft_takes_nobody(make_user, make_course) -> None:
    creator = make_user(role="creator")
    with pytest.raises(Conflict):
        enrollments.enroll(Person.of(creator), make_course(published=False, creator=creator).slug)


def test_a_suspended_account_cannot_enroll(make_user, make_course) -> None:
    with pytest.raises(Forbidden):
        enrollments.enroll(Person.of(make_user(active=False)), make_course().slug)


def test_the_last_lesson_finishes_the_course_once(actor: Person, make_course) -> None:
    course = make_course(lessons=2)
    enrollments.enroll(actor, course.slug)
    half = enrollments.complete_lesson(actor, course.slug, "text-1")
    again = enrollments.complete_lesson(actor, course.slug, "text-1")
    assert (half.percent, half.changed, half.finished_now) == (50, True, False)
    assert (again.percent, again.changed) == (50, False)
    assert enrollments.complete_lesson(actor, course.slug, "text-2").finished_now
    assert not enrollments.complete_lesson(actor, course.slug, "text-2").finished_now
    found = standing(actor, course)
    assert (found.status, found.percent) == (EnrollmentStatus.COMPLETED, 100)
    assert found.completed_at is not None
    assert counts(course) == (1, 1)
    assert events(course) == [("enroll", None), ("progress", 50), ("progress", 100), ("complete", None)]


def test_one_of_three_lessons_never_rounds_up(actor: Person, make_course) -> None:
    course = make_course(lessons=3)
    enrollments.enroll(actor, course.slug)
    assert [enrollments.complete_lesson(actor, course.slug, f"text-{n}").percent for n in (1, 2, 3)] == [33, 66, 100]


def test_a_finished_course_is_not_left(actor: Person, make_course) -> None:
    course = make_course(lessons=1)
    enrollments.enroll(actor, course.slug)
    enrollments.complete_lesson(actor, course.slug, "text-1")
    with pytest.raises(Conflict):
        enrollments.unenroll(actor, course.slug)
    assert counts(course) == (1, 1)


def test_lessons_are_for_those_enrolled(actor: Person, learner: User, make_course, make_enrollment) -> None:
    stranger, left = make_course(), make_course()
    make_enrollment(learner, left, "dropped")
    for course in (stranger, left):
        with pytest.raises(Conflict):
            enrollments.complete_lesson(actor, course.slug, "text-1")
    assert db.session.scalar(select(LessonProgress.id)) is None


def test_a_lesson_of_another_course_is_not_found(actor: Person, make_course) -> None:
    course = make_course(lessons=1)
    make_course(lessons=5)
    enrollments.enroll(actor, course.slug)
    with pytest.raises(NotFound):
        enrollments.complete_lesson(actor, course.slug, "text-5")


def test_a_withdrawn_course_can_be_finished_by_those_in_it(actor: Person, make_course) -> None:
    course = make_course(lessons=1)
    enrollments.enroll(actor, course.slug)
    course.status = CourseStatus.ARCHIVED
    db.session.flush()
    assert enrollments.complete_lesson(actor, course.slug, "text-1").finished_now


def test_a_quiz_is_done_by_passing_it(actor: Person, make_course) -> None:
    course = make_course(lessons=1, quiz=True)
    enrollments.enroll(actor, course.slug)
    with pytest.raises(Invalid):
        enrollments.complete_lesson(actor, course.slug, "quiz-2")
    failed = enrollments.answer_quiz(actor, course.slug, "quiz-2", choices(course, right=False))
    assert (failed.right_count, failed.passed, standing(actor, course).percent) == (0, False, 0)
    assert failed.answers[0].explanation == "Because."
    passed = enrollments.answer_quiz(actor, course.slug, "quiz-2", choices(course, right=True))
    assert (passed.right_count, passed.passed, standing(actor, course).percent) == (1, True, 50)
    assert enrollments.complete_lesson(actor, course.slug, "quiz-2").changed is False


def test_a_quiz_wants_every_answer_from_its_own_choices(actor: Person, make_course) -> None:
    course = make_course(lessons=1, quiz=True)
    enrollments.enroll(actor, course.slug)
    question = next(iter(choices(course, right=True)))
    for answers in ({}, {question: 10**6}):
        with pytest.raises(Invalid) as refusal:
            enrollments.answer_quiz(actor, course.slug, "quiz-2", answers)
        assert refusal.value.field == str(question)
    assert standing(actor, course).percent == 0


def test_a_course_taken_elsewhere_is_finished_on_the_learners_word(actor: Person, make_course) -> None:
    course, with_lessons = make_course(lessons=0), make_course()
    for each in (course, with_lessons):
        enrollments.enroll(actor, each.slug)
    assert [enrollments.finish_course(actor, course.slug).finished_now for _ in range(2)] == [True, False]
    assert counts(course) == (1, 1)
    with pytest.raises(Invalid):
        enrollments.finish_course(actor, with_lessons.slug)


def test_the_card_that_led_here_is_kept(actor: Person, learner: User, make_course, make_slate) -> None:
    course = make_course()
    slate = make_slate(learner, [course])
    enrollments.enroll(actor, course.slug, slate_id=slate.id, position=3)
    event = db.session.scalar(select(Event).where(Event.course_id == course.id))
    assert event is not None
    assert (event.slate_id, event.position) == (slate.id, 3)


def test_a_completed_lesson_never_takes_progress_back(make_user, make_course, make_enrollment) -> None:
    user, course = make_user(), make_course(lessons=4)
    enrollment = make_enrollment(user, course, percent=60)  # as an import knew it
    steps = [enrollments.complete_lesson(Person.of(user), course.slug, f"text-{n}").percent for n in (1, 2, 3, 4)]
    assert steps == [60, 60, 75, 100]
    db.session.refresh(enrollment)
    assert enrollment.status == EnrollmentStatus.COMPLETED
