"""What administrators read about learners."""

from datetime import timedelta

import pytest

from tests.webapp.recommender.helpers import happen, say
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.user import ProfileTopic
from webapp.queries.learners import (
    LearnerFacts,
    LearnerSort,
    every_learner_row,
    learner_enrollments,
    learner_facts,
    learner_feedback,
    learner_rows,
    viewed_courses_not_taken,
)
from webapp.registries.events import EventKind
from webapp.support.clock import now


def test_rows_hold_counts_and_the_last_activity(make_user, make_course, make_enrollment) -> None:
    learner, idle = make_user(name="Busy"), make_user(name="Idle")
    lately = now() - timedelta(days=3)
    make_enrollment(learner, make_course(), "completed", last_active_at=lately - timedelta(days=9))
    make_enrollment(learner, make_course(), last_active_at=lately)
    rows = {row.id: row for row in learner_rows("", 10, 0)}
    assert (rows[learner.id].courses, rows[learner.id].finished, rows[learner.id].last_active) == (2, 1, lately)
    assert (rows[idle.id].courses, rows[idle.id].finished, rows[idle.id].last_active) == (0, 0, None)


def test_an_order_without_times_is_no_date(make_user, make_course, make_enrollment) -> None:
    learner, course = make_user(email=None, source="ibm-capstone", external_id="1"), make_course()
    make_enrollment(learner, course, enrolled_at=now() - timedelta(days=9000))
    happen(learner, course, "enroll", ordinal=True)
    (row,) = learner_rows("1", 10, 0)
    assert row.last_active is None
    (taken,) = learner_enrollments(learner.id)
    assert (taken.title, taken.at) == (course.title, None)


def test_history_is_newest_first_and_names_topic_and_state(make_user, make_course, make_enrollment) -> None:
    learner = make_user()
    for days, title, status in ((9, "Old", "completed"), (2, "New", "active"), (5, "Left", "dropped")):
        make_enrollment(learner, make_course(title, topic="Data"), status, enrolled_at=now() - timedelta(days=days))
    found = [(row.title, row.topic, row.status.value) for row in learner_enrollments(learner.id)]
    assert found == [("New", "Data", "active"), ("Left", "Data", "dropped"), ("Old", "Data", "completed")]
    assert [row.title for row in learner_enrollments(learner.id, limit=1)] == ["New"]


def test_facts_are_what_the_learner_told_us(make_user, make_goal, make_topic) -> None:
    learner = make_user(profile={"goal_id": make_goal("Data analyst").id, "level": "beginner", "weekly_minutes": 90})
    for name in ("Web", "Art"):
        db.session.add(ProfileTopic(user_id=learner.id, topic_id=make_topic(name).id))
    assert learner_facts(learner.id) == LearnerFacts("Data analyst", "beginner", 90, ("Web", "Art"))
    assert learner_facts(10**6) == LearnerFacts()


def test_verdicts_hold_feedback_and_saved_courses(make_user, make_course) -> None:
    learner, disliked, saved = make_user(), make_course("Disliked"), make_course("Saved")
    say(learner, disliked, "thumbs_down")
    say(learner, saved, "save")
    say(make_user(), make_course(), "dismiss")
    assert [(v.title, v.kind) for v in learner_feedback(learner.id)] == [("Disliked", EventKind.THUMBS_DOWN), ("Saved", EventKind.SAVE)]


def test_looks_are_courses_opened_and_not_taken_the_last_one_first(make_user, make_course, make_enrollment) -> None:
    learner, early, late, taken, undated, saved = make_user(), *(make_course(t) for t in ("Early", "Late", "Taken", "Undated", "Saved"))
    make_enrollment(learner, taken)
    for course, kind, days, ordinal in (
        (early, "view", 9, False),
        (late, "view", 8, False),
        (late, "dwell", 2, False),
        (taken, "view", 1, False),
        (undated, "view", 4000, True),
        (saved, "save", 1, False),
    ):
        happen(learner, course, kind, days_ago=days, ordinal=ordinal)
    happen(make_user(), early, "view")
    found = viewed_courses_not_taken(learner.id)
    assert [(look.title, look.at is None) for look in found] == [("Late", False), ("Early", False), ("Undated", True)]
    assert found[0].at > found[1].at
    assert [look.title for look in viewed_courses_not_taken(learner.id, limit=1)] == ["Late"]


@pytest.fixture
def sorted_learners(make_user, make_course, make_enrollment) -> None:
    """Zoë took two courses and finished one, ada took one long ago, École none; Ömer's times are only an order."""
    zoe, ada, _none, undated = (make_user(name=name) for name in ("Zoë", "ada", "École", "Ömer"))
    make_enrollment(zoe, make_course(), "completed", last_active_at=now() - timedelta(days=9))
    make_enrollment(zoe, make_course(), last_active_at=now() - timedelta(days=1))
    make_enrollment(ada, make_course(), last_active_at=now() - timedelta(days=5))
    course = make_course()
    make_enrollment(undated, course)
    happen(undated, course, "enroll", ordinal=True)


@pytest.mark.parametrize(
    ("sort", "descending", "names"),
    [
        (None, False, ["Zoë", "ada", "École", "Ömer"]),
        (LearnerSort.NAME, False, ["ada", "École", "Ömer", "Zoë"]),
        (LearnerSort.NAME, True, ["Zoë", "Ömer", "École", "ada"]),
        (LearnerSort.COURSES, True, ["Zoë", "ada", "Ömer", "École"]),
        (LearnerSort.COURSES, False, ["École", "ada", "Ömer", "Zoë"]),
        (LearnerSort.FINISHED, True, ["Zoë", "ada", "École", "Ömer"]),
        (LearnerSort.ACTIVE, True, ["Zoë", "ada", "École", "Ömer"]),
        (LearnerSort.ACTIVE, False, ["ada", "Zoë", "École", "Ömer"]),
    ],
)
@pytest.mark.usefixtures("sorted_learners")
def test_learners_are_sorted_and_who_has_no_date_comes_last(sort, descending, names) -> None:
    assert [row.name for row in learner_rows("", 10, 0, sort, descending)] == names
    assert [row.name for page in (0, 2) for row in learner_rows("", 2, page, sort, descending)] == names
    assert list(every_learner_row("", sort, descending)) == learner_rows("", 10, 0, sort, descending)


@pytest.mark.usefixtures("sorted_learners")
@pytest.mark.parametrize("sort", LearnerSort)
def test_a_sorted_page_costs_two_statements(sort) -> None:
    with counted() as statements:
        assert len(learner_rows("", 10, 0, sort, True)) == 4
    assert len(statements) == 2


def test_every_learner_comes_once_in_their_order_however_many(make_user, monkeypatch) -> None:
    monkeypatch.setattr("webapp.queries.learners._AT_ONCE", 3)
    for n in range(8):
        make_user(name=f"Learner {7 - n}")
    assert [row.name for row in every_learner_row("learner", LearnerSort.NAME)] == [f"Learner {n}" for n in range(8)]
    assert list(every_learner_row("nobody")) == []


def test_ten_learners_cost_as_many_statements_as_two(make_user, make_course, make_enrollment) -> None:
    course = make_course()
    for _ in range(10):
        make_enrollment(make_user(), course)
    costs = []
    for limit in (2, 10):
        with counted() as statements:
            assert len(learner_rows("", limit, 0)) == limit
        costs.append(len(statements))
    assert costs == [2, 2]


@pytest.mark.parametrize(
    ("name", "search"),
    [
        ("Zoë Kravitz", "zoe"),
        ("Zoe\u0308 Kravitz", "ZOË"),
        ("Łukasz Nowak", "lukasz"),
        ("Siobhán O’Connor", "o'connor"),
        ("İpek Şahin", "ipek sahin"),
        ("Наталья Фёдорова", "федорова"),
        ("علی\u200cرضا", "علیرضا"),
        ("José María", "maria jose"),
    ],
)
def test_a_learner_is_found_in_whatever_form_the_name_is_typed(make_user, name: str, search: str) -> None:
    learner, _other = make_user(name=name), make_user(name="Somebody Else")
    assert [row.id for row in learner_rows(search, 10, 0)] == [learner.id]
