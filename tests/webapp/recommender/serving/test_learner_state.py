"""What the recommender knows of a learner on this very page."""

from datetime import timedelta

from tests.webapp.recommender.helpers import happen, say
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.enrollment import Enrollment
from webapp.models.user import ProfileTopic
from webapp.policies import Person
from webapp.recommender.serving import learner_state as learner_state_module
from webapp.recommender.serving.learner_state import learner_state
from webapp.registries.events import EventKind
from webapp.services.feedback import give_feedback
from webapp.support.clock import now


def test_a_visitor_is_nobody_and_costs_nothing(app) -> None:
    with counted() as seen:
        assert learner_state(None).learner.history == ()
    assert not seen


def test_the_profile_is_known(make_user, make_topic, make_goal) -> None:
    goal, topic = make_goal("Data analyst", skills=["SQL", "Plotting"]), make_topic("Statistics")
    user = make_user(profile={"goal_id": goal.id, "level": "intermediate", "weekly_minutes": 120})
    db.session.add(ProfileTopic(user_id=user.id, topic_id=topic.id))
    db.session.flush()
    state = learner_state(user.id)
    learner = state.learner
    assert (learner.goal, learner.topics, learner.level, learner.weekly_minutes) == ("data-analyst", ("statistics",), "intermediate", 120)
    assert learner.goal_skills == {"sql": 3.0, "plotting": 3.0}
    assert state.goal is not None
    assert state.goal.name == "Data analyst"


def test_skills_of_finished_and_known_courses_are_held(make_user, make_course, make_enrollment) -> None:
    user = make_user()
    finished, known, begun = make_course(skills=["SQL"]), make_course(skills=["Plotting"]), make_course(skills=["Pandas"])
    make_enrollment(user, finished, "completed")
    make_enrollment(user, begun)
    say(user, known, "know")
    assert learner_state(user.id).learner.held_skills == {"sql", "plotting"}


def test_what_is_taken_known_or_dismissed_is_never_recommended(make_user, make_course, make_enrollment) -> None:
    user = make_user()
    active, done, left, dismissed, known, saved, liked = (make_course() for _ in range(7))
    make_enrollment(user, active)
    make_enrollment(user, done, "completed")
    make_enrollment(user, left, "dropped")
    for course, kind in ((dismissed, "dismiss"), (known, "know"), (saved, "save"), (liked, "thumbs_up")):
        say(user, course, kind)
    assert learner_state(user.id).excluded_ids == {active.id, done.id, left.id, dismissed.id, known.id}


def test_nobody_is_recommended_a_course_of_their_own(make_user, make_course) -> None:
    creator = make_user("creator")
    own = make_course(creator=creator)
    make_course(creator=make_user("creator"))
    assert learner_state(creator.id).excluded_ids == {own.id}


def test_feedback_is_seen_by_the_next_call(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    give_feedback(Person.of(user), course.id, "thumbs_down")
    (said,) = learner_state(user.id).learner.history
    assert (said.item_id, said.kind) == (str(course.id), "thumbs_down")
    assert said.weight < 0
    give_feedback(Person.of(user), course.id, "clear")
    assert learner_state(user.id).learner.history == ()


def test_history_runs_from_old_to_new_and_says_what_happened(make_user, make_course) -> None:
    user, first, second = make_user(), make_course(), make_course()
    happen(user, second, "enroll", days_ago=1)
    happen(user, first, "enroll", days_ago=5)
    happen(user, first, "complete", days_ago=2)
    history = learner_state(user.id).learner.history
    assert [(e.item_id, e.kind) for e in history] == [(str(first.id), "complete"), (str(second.id), "enroll")]


def test_a_long_history_costs_as_many_statements_as_a_short_one(make_user, make_course, make_enrollment, make_goal) -> None:
    goal = make_goal(skills=["SQL"])
    counts = []
    for length in (1, 30):
        user = make_user(profile={"goal_id": goal.id})
        for _ in range(length):
            course = make_course(skills=["SQL"], lessons=0)
            happen(user, course, "enroll")
            make_enrollment(user, course, "completed")
            say(user, course, "thumbs_up")
        with counted() as seen:
            learner_state(user.id)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8


def test_glances_crowd_out_nothing_that_was_taken(monkeypatch, make_user, make_course, make_enrollment, make_event) -> None:
    monkeypatch.setattr(learner_state_module, "MAX_COURSES", 2)
    user, courses = make_user(), [make_course() for _ in range(8)]
    for day, course in enumerate(courses):
        kind = EventKind.ENROLL if day < 4 else EventKind.VIEW
        at = now() - timedelta(days=20 - day)
        make_event(kind, user, course, at=at)
        if day < 4:
            make_enrollment(user, course, enrolled_at=at)
    learner = learner_state(user.id).learner
    assert [int(event.item_id) for event in learner.history] == [courses[n].id for n in (2, 3, 6, 7)]
    assert learner.taken == learner.excluded == {str(course.id) for course in courses[:4]}


def test_what_is_still_to_be_written_is_read(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    db.session.add(Enrollment(user_id=user.id, course_id=course.id))
    assert learner_state(user.id).taking == {course.id}
