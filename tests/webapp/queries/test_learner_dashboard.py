"""What a learner's own pages list."""

from datetime import timedelta

import pytest

from tests.webapp.recommender.helpers import say
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.course import CourseStatus
from webapp.models.enrollment import LessonProgress
from webapp.models.event import SavedCourse
from webapp.models.lesson import Lesson
from webapp.queries.learner_dashboard import (
    completed_cards,
    goal_skill_progress,
    hidden_cards,
    in_progress_cards,
    learning_counts,
    saved_cards,
)
from webapp.registries.events import VERDICTS, EventKind
from webapp.support.clock import now


def complete(user, course, position: int) -> None:
    lesson = db.session.query(Lesson).filter_by(course_id=course.id, position=position).one()
    db.session.add(LessonProgress(user_id=user.id, lesson_id=lesson.id))
    db.session.flush()


def test_the_course_used_last_comes_first_with_its_first_open_lesson(make_user, make_course, make_enrollment) -> None:
    learner, other = make_user(), make_user()
    older, newer = make_course("Older"), make_course("Newer")
    make_enrollment(learner, older, percent=66, last_active_at=now() - timedelta(days=2))
    make_enrollment(learner, newer)
    complete(learner, older, 1)
    complete(learner, older, 3)
    complete(other, newer, 1)
    found = in_progress_cards(learner.id)
    assert [(card.title, card.progress.percent, card.progress.next_lesson_title) for card in found] == [
        ("Newer", 0, "Lesson 1"),
        ("Older", 66, "Lesson 2"),
    ]


def test_a_course_that_was_withdrawn_can_still_be_gone_on_with(make_user, make_course, make_enrollment) -> None:
    learner, course = make_user(), make_course(status=CourseStatus.ARCHIVED)
    make_enrollment(learner, course)
    assert [card.id for card in in_progress_cards(learner.id)] == [course.id]
    assert learning_counts(learner.id).active == 1


def test_a_course_without_lessons_has_no_next_one(make_user, make_course, make_enrollment) -> None:
    learner = make_user()
    make_enrollment(learner, make_course(lessons=0))
    (card,) = in_progress_cards(learner.id)
    assert card.progress.percent == 0
    assert card.progress.next_lesson_title is None


def test_counts_agree_with_the_lists(make_user, make_course, make_enrollment) -> None:
    learner, other = make_user(), make_user()
    for status in ("active", "active", "completed", "dropped"):
        make_enrollment(learner, make_course(), status=status)
    make_enrollment(other, make_course())
    for kind in VERDICTS:
        say(learner, make_course(), kind)
    for published in (True, False):
        db.session.add(SavedCourse(user_id=learner.id, course_id=make_course(published=published).id))
    db.session.flush()
    counts = learning_counts(learner.id)
    lists = (in_progress_cards(learner.id), completed_cards(learner.id, 9), saved_cards(learner.id, 9), hidden_cards(learner.id, 9))
    assert (counts.active, counts.completed, counts.saved, counts.hidden) == tuple(len(cards) for cards in lists) == (2, 1, 1, 2)


def test_lists_go_on_page_by_page(make_user, make_course) -> None:
    learner = make_user()
    for _ in range(5):
        say(learner, make_course(), EventKind.DISMISS)
    pages = [[card.id for card in hidden_cards(learner.id, 2, offset)] for offset in (0, 2, 4)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({course_id for page in pages for course_id in page}) == 5


@pytest.mark.parametrize("query", [in_progress_cards, completed_cards, saved_cards, hidden_cards])
def test_a_learner_without_anything_has_empty_lists(make_user, query) -> None:
    assert query(make_user().id, 10) == []


def test_eight_courses_under_way_cost_as_many_statements_as_one(make_user, make_course, make_enrollment) -> None:
    learner = make_user()
    make_enrollment(learner, make_course())
    with counted() as one:
        in_progress_cards(learner.id)
    for _ in range(7):
        make_enrollment(learner, make_course())
    with counted() as eight:
        assert len(in_progress_cards(learner.id)) == 8
    assert len(eight) == len(one)


def test_skills_of_the_goal_come_from_finished_and_known_courses(make_user, make_course, make_goal, make_enrollment) -> None:
    goal = make_goal("Data analyst", skills=["Charts", "Joins", "Pandas", "Testing"])
    learner = make_user(profile={"goal_id": goal.id})
    make_enrollment(learner, make_course(skills=["Joins", "Cooking"]), status="completed")
    make_enrollment(learner, make_course(skills=["Pandas"]), status="active")
    say(learner, make_course(skills=["Charts"]), EventKind.KNOW)
    say(learner, make_course(skills=["Testing"]), EventKind.THUMBS_UP)
    found = goal_skill_progress(learner.id)
    assert found is not None
    assert (found.name, found.held, found.missing, found.total) == ("Data analyst", ("Charts", "Joins"), ("Pandas", "Testing"), 4)


def test_without_a_goal_there_is_no_progress_towards_one(make_user, make_goal) -> None:
    assert goal_skill_progress(make_user().id) is None
    assert goal_skill_progress(make_user(profile={"goal_id": make_goal(skills=()).id}).id) is None
