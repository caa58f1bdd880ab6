"""Enrollments become attempts as the pages see them."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import text

from recsys.completion.attempts import SILENT_DAYS
from tests.webapp.recommender.helpers import happen
from tests.webapp.statements import counted
from webapp.models.enrollment import EnrollmentStatus
from webapp.recommender.serving.attempts import activity_of, attempts_of
from webapp.recommender.training.attempts import activity_frame, attempts_frame, read_attempts
from webapp.support.clock import now


def _ago(days: float):
    return now() - timedelta(days=days)


def test_no_enrollments_give_an_empty_frame(app) -> None:
    assert len(attempts_frame()) == 0
    assert len(activity_frame()) == 0
    assert len(read_attempts(now())) == 0


def test_outcomes_are_known_when_they_came(make_user, make_course, make_enrollment) -> None:
    user = make_user(profile={"weekly_minutes": 90, "level": "intermediate"})
    done, left, silent, going = (make_course() for _ in range(4))
    make_enrollment(user, done, "completed", enrolled_at=_ago(90), completed_at=_ago(80), last_active_at=_ago(3))
    make_enrollment(user, left, "dropped", enrolled_at=_ago(70), last_active_at=_ago(60), percent=40)
    make_enrollment(user, silent, enrolled_at=_ago(50), last_active_at=_ago(45), percent=20)
    make_enrollment(user, going, enrolled_at=_ago(20), last_active_at=_ago(1), percent=50)
    found = attempts_of(user.id, now())
    days = (now().timestamp() - found.known) / 86400
    assert days[:3].tolist() == pytest.approx([80, 60, 45 - SILENT_DAYS], abs=0.01)
    assert np.isinf(found.known[3])
    assert found.finished.tolist() == [True, False, False, False]
    assert found.progress.tolist() == [1, 0.4, 0.2, 0.5]
    assert [found.item_ids[i] for i in found.item] == [str(c.id) for c in (done, left, silent, going)]
    everybody = read_attempts(now())
    assert everybody.known == pytest.approx(found.known, abs=5)
    assert set(everybody.weekly) == {90}
    assert set(everybody.level) == {1}


def test_one_learner_or_all(make_user, make_course, make_enrollment) -> None:
    one, other, course = make_user(), make_user(), make_course()
    make_enrollment(one, course)
    make_enrollment(other, course)
    assert attempts_frame(one.id)["user_id"].tolist() == [one.id]
    assert sorted(attempts_frame()["user_id"]) == sorted([one.id, other.id])


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_days_are_the_same_whatever_zone_the_database_server_keeps(db_session, make_user, make_course, zone: str) -> None:
    user, course = make_user(), make_course()
    midnight = _ago(5).replace(hour=0, minute=0, second=0, microsecond=0)
    for hours in (1, 13, 23, 25):
        happen(user, course, "view", at=midnight + timedelta(hours=hours))
    if db_session.get_bind().dialect.name == "postgresql":
        db_session.execute(text(f"SET LOCAL TIME ZONE '{zone}'"))
    assert activity_of(user.id).tolist() == [(midnight + timedelta(hours=hours)).timestamp() for hours in (23, 25)]


def test_the_course_asked_about_can_be_left_out(make_user, make_course, make_enrollment) -> None:
    user, here, other = make_user(), make_course(), make_course()
    make_enrollment(user, here)
    make_enrollment(user, other)
    assert attempts_of(user.id, now(), without=here.id).item_ids == (str(other.id),)


def test_an_enrollment_known_by_its_order_alone_has_no_time(make_user, make_course, make_enrollment) -> None:
    user, imported, own = make_user(), make_course(), make_course()
    make_enrollment(user, imported, "completed")
    happen(user, imported, "enroll", ordinal=True)
    make_enrollment(user, own)
    happen(user, own, "enroll")
    found = read_attempts(now())
    assert found.undated == 1
    assert [found.item_ids[i] for i in found.item] == [str(own.id)]
    assert attempts_of(user.id, now()).item_ids == (str(own.id),)


def test_activity_is_the_days_with_events(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    noon = now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=5)
    for hours in (0, 2, 24):
        happen(user, course, "view", at=noon + timedelta(hours=hours))
    happen(user, course, "enroll", ordinal=True)
    frame = activity_frame(user.id)
    assert frame["timestamp"].tolist() == [(noon + timedelta(hours=h)).timestamp() for h in (2, 24)]
    assert activity_of(user.id).tolist() == frame["timestamp"].tolist()
    assert len(activity_frame(user.id + 1)) == 0


def test_more_enrollments_cost_no_more_statements(make_user, make_course, make_enrollment) -> None:
    for _ in range(5):
        make_enrollment(make_user(), make_course(), EnrollmentStatus.ACTIVE)
    with counted() as statements:
        read_attempts(now())
        activity_frame()
    assert len(statements) == 2
