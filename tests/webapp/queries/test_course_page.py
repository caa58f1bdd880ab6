"""What a course page reads, and at what cost."""

import pytest

from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.course import Prerequisite
from webapp.models.enrollment import LessonProgress
from webapp.models.user import Profile
from webapp.queries.course_page import course_by_slug, course_page
from webapp.queries.syllabus import lesson_of, outline


def test_an_unknown_address_has_no_page(app) -> None:
    assert course_page("nowhere") is None
    assert course_by_slug("nowhere") is None


def test_skills_tell_which_of_them_the_goal_needs(make_user, make_course, make_goal) -> None:
    goal = make_goal("Data analyst", skills=["SQL", "Charts"])
    user = make_user(profile={"goal_id": goal.id, "weekly_minutes": 240})
    page = course_page(make_course(skills=["SQL", "Cooking"]).slug, user.id)
    assert page is not None
    assert {skill.name: skill.for_goal for skill in page.skills} == {"SQL": True, "Cooking": False}
    assert (page.aim.goal, page.aim.weekly_minutes, page.goal_skill_count) == ("Data analyst", 240, 1)


def test_a_visitor_has_no_goal_and_no_progress(make_course, make_goal) -> None:
    make_goal("Data analyst", skills=["SQL"])
    page = course_page(make_course(skills=["SQL"], lessons=2).slug)
    assert page is not None
    assert [skill.for_goal for skill in page.skills] == [False]
    assert (page.is_enrolled_or_finished, page.outline.done, page.enrollment) == (False, 0, None)


def test_prerequisites_tell_which_are_finished_and_hide_drafts(make_user, make_course, make_enrollment) -> None:
    user, course = make_user(), make_course()
    done, taking, draft = make_course("Algebra"), make_course("Basics"), make_course("Chores", published=False)
    make_enrollment(user, done, "completed")
    make_enrollment(user, taking)
    db.session.add_all([Prerequisite(course_id=course.id, required_id=c.id) for c in (done, taking, draft)])
    db.session.flush()
    page = course_page(course.slug, user.id)
    assert page is not None
    assert [(item.title, item.held) for item in page.prerequisites] == [("Algebra", True), ("Basics", False)]


def test_the_outline_counts_only_the_learners_own_lessons(make_user, make_course) -> None:
    me, other, course = make_user(), make_user(), make_course(lessons=3)
    first, second, _ = outline(course.id).lessons
    db.session.add_all([LessonProgress(user_id=me.id, lesson_id=first.id), LessonProgress(user_id=other.id, lesson_id=second.id)])
    db.session.flush()
    mine = outline(course.id, me.id)
    assert [lesson.done for lesson in mine.lessons] == [True, False, False]
    assert (mine.done, mine.percent, mine.minutes, mine.minutes_left) == (1, 33, 30, 20)


@pytest.mark.parametrize(("done", "here", "following"), [((1,), 1, 2), ((1, 3), 3, 2), ((), 3, 1), ((1, 2, 3), 2, None), ((1, 2), 2, 3)])
def test_the_way_on_leads_to_what_is_not_done(make_user, make_course, done: tuple[int, ...], here: int, following: int | None) -> None:
    user, course = make_user(), make_course(lessons=3)
    lessons = outline(course.id).lessons
    db.session.add_all([LessonProgress(user_id=user.id, lesson_id=lessons[n - 1].id) for n in done])
    db.session.flush()
    found = outline(course.id, user.id).next_open_lesson_after(f"text-{here}")
    assert (found.slug if found else None) == (f"text-{following}" if following else None)


def test_a_course_without_lessons_has_an_empty_outline(make_course) -> None:
    empty = outline(make_course(lessons=0).id)
    assert (empty.modules, empty.percent, empty.next_lesson) == ((), 0, None)


def test_a_large_course_costs_as_many_statements_as_a_small_one(make_user, make_course) -> None:
    user = make_user()
    small = make_course(lessons=1, skills=["A"])
    large = make_course(lessons=12, quiz=True, skills=["A", "B", "C"])
    db.session.add_all([Prerequisite(course_id=large.id, required_id=make_course().id) for _ in range(3)])
    db.session.flush()
    costs = []
    for slug in (small.slug, large.slug):
        with counted() as seen:
            course_page(slug, user.id)
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert costs[0] <= 11


def test_a_quiz_comes_with_its_choices(make_course) -> None:
    course = make_course(lessons=1, quiz=True)
    db.session.expire_all()
    lesson = lesson_of(course.id, "quiz-2")
    assert lesson is not None
    assert [[choice.text for choice in question.choices] for question in lesson.questions] == [["This one", "That one"]]


def test_an_account_without_a_profile_can_read_a_course(make_user, make_course) -> None:
    user = make_user()
    db.session.query(Profile).filter_by(user_id=user.id).delete()
    page = course_page(make_course().slug, user.id)
    assert page is not None
    assert page.aim.goal is None
