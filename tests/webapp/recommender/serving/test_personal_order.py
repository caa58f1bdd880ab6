"""A personal order of courses."""

import shutil

from tests.webapp.recommender.helpers import happen, say
from webapp.recommender.serving.personal_order import personal_order


def test_what_fits_comes_first_and_nothing_is_lost(live, courses, make_user) -> None:
    learner = make_user()
    happen(learner, courses[6], "enroll")
    happen(learner, courses[7], "enroll")
    ids = [course.id for course in courses]
    found = personal_order(learner.id, ids)
    assert sorted(found) == sorted(ids)
    assert set(found[:4]) == {course.id for course in courses[8:]}


def test_what_is_settled_stands_at_the_end_in_the_order_given(live, courses, make_user, make_enrollment, make_course) -> None:
    learner = make_user()
    make_enrollment(learner, courses[3])
    say(learner, courses[1], "dismiss")
    say(learner, courses[0], "know")
    unknown = make_course("Draft", published=False)
    ids = [courses[3].id, unknown.id, *(course.id for course in courses[4:8]), courses[1].id, courses[0].id]
    assert personal_order(learner.id, ids)[-4:] == [courses[3].id, unknown.id, courses[1].id, courses[0].id]


def test_only_what_was_asked_for_is_ordered(live, courses, make_user) -> None:
    assert personal_order(make_user().id, [courses[5].id]) == [courses[5].id]
    assert personal_order(make_user().id, []) == []


def test_without_a_model_the_order_stays(live, models_dir, courses, make_user) -> None:
    shutil.rmtree(models_dir)
    ids = [course.id for course in reversed(courses)]
    assert personal_order(make_user().id, ids) == ids
