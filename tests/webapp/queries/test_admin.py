"""The size of the installation."""

from tests.webapp.recommender.helpers import happen
from tests.webapp.statements import counted
from webapp.queries.admin import Totals, totals


def test_totals_count_learners_published_courses_enrollments_and_events(make_user, make_course, make_enrollment) -> None:
    before = totals()
    learner, course = make_user(), make_course()
    make_user("creator")
    make_course(published=False)
    make_enrollment(learner, course)
    happen(learner, course, "view")
    happen(learner, course, "click")
    with counted() as statements:
        after = totals()
    assert len(statements) == 1
    assert before == Totals(0, 0, 0, 0)
    assert after == Totals(learners=1, courses=1, enrollments=1, events=2)
