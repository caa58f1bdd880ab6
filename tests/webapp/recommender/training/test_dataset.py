"""The training data say what learners did, as the pages see it."""

import math
from datetime import timedelta

import pytest

from tests.webapp.recommender.helpers import happen, say
from webapp.recommender.serving.learner_state import learner_state
from webapp.recommender.training.dataset import catalog_items, interactions_frame
from webapp.support.clock import now


def _rows(**options):
    frame = interactions_frame(**options)
    return [(int(r.user_id), int(r.item_id), float(r.weight), r.timestamp) for r in frame.itertuples()]


def test_an_empty_log_gives_an_empty_frame(app) -> None:
    frame = interactions_frame()
    assert len(frame) == 0
    assert list(frame.columns) == ["user_id", "item_id", "timestamp", "weight"]


def test_one_row_a_pair_in_the_order_courses_were_taken_up(make_user, make_course) -> None:
    user, first, second = make_user(), make_course(), make_course()
    happen(user, second, "view", days_ago=9)
    happen(user, first, "enroll", days_ago=8)
    happen(user, second, "enroll", days_ago=7)
    happen(user, first, "progress", 50, days_ago=1)  # going on with a course does not move it behind the next one
    rows = _rows()
    assert [(r[0], r[1]) for r in rows] == [(user.id, first.id), (user.id, second.id)]
    assert rows[0][3] == pytest.approx((now() - timedelta(days=8)).timestamp(), abs=3600)


def test_more_engagement_weighs_more(make_user, make_course) -> None:
    user = make_user()
    looked, taken, finished = make_course(), make_course(), make_course()
    happen(user, looked, "view")
    happen(user, looked, "click")
    happen(user, taken, "enroll")
    happen(user, finished, "enroll")
    happen(user, finished, "complete")
    weights = {item: weight for _, item, weight, _ in _rows()}
    assert weights[looked.id] < weights[taken.id] < weights[finished.id]


def test_progress_is_counted_in_percent(make_user, make_course) -> None:
    user, little, much = make_user(), make_course(), make_course()
    for course, percent in ((little, 10), (much, 100)):
        happen(user, course, "enroll")
        happen(user, course, "progress", percent)
    weights = {item: weight for _, item, weight, _ in _rows()}
    assert weights[much.id] - weights[little.id] == pytest.approx(0.45, abs=0.01)


def test_a_verdict_in_force_overrules_what_was_done(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    happen(user, course, "complete")
    say(user, course, "thumbs_down")
    assert next(weight for *_, weight, _ in _rows()) < 0


def test_a_verdict_taken_back_leaves_no_trace(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    happen(user, course, "enroll")
    before = _rows()
    happen(user, course, "dismiss")
    happen(user, course, "clear")
    assert _rows() == before


def test_verdicts_of_learners_without_events_are_part_of_the_data(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    say(user, course, "thumbs_up")
    assert [(r[0], r[1]) for r in _rows()] == [(user.id, course.id)]


def test_times_that_only_tell_the_order_are_left_out_but_kept_in_order(make_user, make_course) -> None:
    user, first, second = make_user(), make_course(), make_course()
    happen(user, second, "enroll", days_ago=1, ordinal=True)
    happen(user, first, "enroll", days_ago=2, ordinal=True)
    rows = _rows()
    assert [r[1] for r in rows] == [first.id, second.id]
    assert all(math.isnan(r[3]) for r in rows)


def test_an_event_stamped_by_a_clock_that_was_ahead_makes_nothing_else_old(make_user, make_course) -> None:
    user, first, second = make_user(), make_course(), make_course()
    happen(user, first, "view", days_ago=2)
    happen(user, first, "enroll", days_ago=1)
    (before,) = _rows()
    happen(make_user(), second, "view", days_ago=-3_000)
    assert _rows()[0] == pytest.approx(before)


def test_a_page_merely_opened_teaches_nothing_beside_a_course_taken(make_user, make_course) -> None:
    taker, looker, taken, seen = make_user(), make_user(), make_course(), make_course()
    happen(taker, taken, "enroll")
    happen(taker, seen, "view")
    happen(looker, seen, "view")
    assert [(r[0], r[1]) for r in _rows()] == [(taker.id, taken.id), (looker.id, seen.id)]


def test_chunks_change_nothing(make_user, make_course) -> None:
    courses = [make_course() for _ in range(4)]
    users = [make_user() for _ in range(5)]
    for n, user in enumerate(users):
        for course in courses[n % 3 :]:
            happen(user, course, "enroll", days_ago=n + course.id % 3)
        say(user, courses[0], "thumbs_down" if n % 2 else "save")
    assert _rows(chunk=1) == _rows(chunk=1000)


def test_visitors_are_nobody(make_course) -> None:
    from webapp.services.events import EventIn, record

    record(None, EventIn("view", make_course().id))
    assert _rows() == []


def test_training_and_serving_weigh_alike(make_user, make_course) -> None:
    user = make_user()
    courses = [make_course() for _ in range(5)]
    moment = now()
    for n, course in enumerate(courses):
        happen(user, course, "enroll", at=moment - timedelta(days=n))
        if n % 2:
            happen(user, course, "complete", at=moment - timedelta(days=n, hours=-1))
    say(user, courses[0], "dismiss")
    trained = {item: weight for _, item, weight, _ in _rows()}
    served = {int(e.item_id): e.weight for e in learner_state(user.id).learner.history}
    assert served == pytest.approx(trained, abs=1e-3)


def test_items_are_the_published_courses_with_what_they_teach(make_course, make_topic, db_session) -> None:
    from webapp.models.course import Prerequisite

    first = make_course(title="First steps", topic="Data", skills=["Pandas", "Plotting"], outcomes=["You can plot."])
    second = make_course(title="Next steps", topic="Data")
    make_course(published=False)
    db_session.add(Prerequisite(course_id=second.id, required_id=first.id))
    db_session.flush()
    one, two = catalog_items()
    assert (one.item_id, one.title, one.topics, one.skills) == (str(first.id), "First steps", ("data",), ("pandas", "plotting"))
    assert "You can plot." in one.description
    assert (one.level, one.duration_minutes) == ("beginner", 60)
    assert one.published == pytest.approx(first.published_at.timestamp())
    assert two.prerequisites == (str(first.id),)
