"""What models were made of."""

from datetime import timedelta

import pytest

from tests.factories import make_course, make_slate
from tests.webapp.recommender.helpers import happen, say
from webapp.extensions import db
from webapp.models.operations import ModelVersion
from webapp.queries.model_provenance import previously_trained_model, recommendation_source_shares, training_tables
from webapp.support.clock import now


def serve(version: str, *reasons: tuple[str, float], placement: str = "recommended", days_ago: float = 0) -> None:
    parts = [(name, "baseline" if name == "baseline" else "popular", weight, None) for name, weight in reasons]
    when = now() - timedelta(days=days_ago)
    make_slate(None, [make_course()], parts, placement=placement, model_version=version, served_at=when)


def test_shares_come_from_what_spoke_for_courses_on_personal_shelves(app) -> None:
    serve("new", ("ease", 2.0), ("content", 1.0), ("baseline", 7.0))
    serve("new", ("ease", 1.0), ("content", -5.0))
    serve("new", ("trending", 90.0), placement="trending")
    serve("old", ("popularity", 90.0))
    found = recommendation_source_shares("new", now() - timedelta(days=1))
    assert found.slates == 2
    assert [(share.source, share.share) for share in found.shares] == [("ease", pytest.approx(0.75)), ("content", pytest.approx(0.25))]


def test_only_the_newest_slates_since_then_count(app) -> None:
    serve("v", ("ease", 1.0), days_ago=3)
    serve("v", ("content", 1.0), days_ago=2)
    serve("v", ("popularity", 1.0), days_ago=0.1)
    assert [s.source for s in recommendation_source_shares("v", now() - timedelta(days=2.5), slates=1).shares] == ["popularity"]
    assert {s.source for s in recommendation_source_shares("v", now() - timedelta(days=2.5)).shares} == {"popularity", "content"}


def test_a_model_that_has_served_nobody_has_no_shares(app) -> None:
    found = recommendation_source_shares("v", now() - timedelta(days=1))
    assert (found.slates, found.shares) == (0, ())
    serve("v", ("content", -1.0))
    assert recommendation_source_shares("v", now() - timedelta(days=1)).shares == ()


def test_the_model_before_is_the_next_older_one(app) -> None:
    versions = [ModelVersion(version=f"v{n}", trained_at=now() - timedelta(days=n)) for n in (3, 1, 2)]
    db.session.add_all(versions)
    db.session.flush()
    oldest, newest, middle = versions
    assert previously_trained_model(newest) is middle
    assert previously_trained_model(middle) is oldest
    assert previously_trained_model(oldest) is None


def test_the_tables_of_a_training_are_told_with_their_extent(app, make_user, make_course) -> None:
    empty = {table.name: (table.rows, table.highest_id, table.first, table.last) for table in training_tables()}
    assert empty == dict.fromkeys(("events", "feedback", "saved_courses", "enrollments", "slates", "courses"), (0, None, None, None))
    user, course = make_user(), make_course()
    make_course(published=False)
    early, late = now() - timedelta(days=9), now() - timedelta(days=2)
    happen(user, course, "view", at=early)
    happen(user, course, "enroll", at=late)
    happen(user, course, "enroll", at=now() - timedelta(days=9000), ordinal=True)
    say(user, course, "thumbs_up")
    tables = {table.name: table for table in training_tables()}
    events = tables["events"]
    # A time that only tells an order is no time.
    assert (events.rows, events.first, events.last) == (3, early.isoformat(), late.isoformat())
    assert events.highest_id is not None
    assert [tables[name].rows for name in ("feedback", "saved_courses", "courses")] == [1, 0, 1]
