"""Counts of a creator's courses."""

from datetime import timedelta

import pytest

from tests.webapp.recommender.helpers import happen, say
from tests.webapp.statements import counted
from webapp.models.course import UNDATED
from webapp.queries.studio import SORTS, Counts, studio_rows, studio_totals
from webapp.services.rollups import roll_up
from webapp.support.clock import now


def test_rows_and_totals_count_what_happened(make_user, make_course, make_enrollment) -> None:
    creator = make_user("creator")
    course = make_course("Busy", creator=creator, enrollment_count=2, completion_count=1)
    make_course("Quiet", creator=creator, published=False)
    foreign = make_course("Foreign", enrollment_count=3)
    people = [make_user() for _ in range(3)]
    for person, status in zip(people, ("active", "completed", "dropped"), strict=True):
        make_enrollment(person, course, status)
        make_enrollment(person, foreign, "active")
        happen(person, course, "view", days_ago=2)
        happen(person, foreign, "view", days_ago=2)
    happen(people[0], course, "view", days_ago=40)
    happen(people[0], course, "click", days_ago=1)
    say(people[1], course, "save")
    say(people[1], foreign, "save")
    roll_up()
    busy, quiet = studio_rows(creator.id, "title", False)
    expected = Counts(enrolled=2, finished=1, views=3, saves=1)
    assert expected.active == 1
    assert (busy.title, busy.counts) == ("Busy", expected)
    assert (quiet.title, quiet.counts, quiet.counts.completion) == ("Quiet", Counts(), None)
    totals = studio_totals(creator.id)
    assert (totals.courses, totals.published, totals.counts) == (2, 1, expected)
    assert studio_totals(None).counts == Counts(enrolled=5, finished=1, views=6, saves=2)


def test_views_of_twenty_eight_days_are_those_of_today_and_of_twenty_seven_days_before(make_user, make_course) -> None:
    creator, reader = make_user("creator"), make_user()
    course = make_course(creator=creator)
    for days_ago in (0, 27, 28, 29):
        happen(reader, course, "view", days_ago=days_ago)
    roll_up()
    assert [row.counts.views for row in studio_rows(creator.id)] == [2]


def test_somebody_without_courses_has_zeros(make_user) -> None:
    totals = studio_totals(make_user("creator").id)
    assert (totals.courses, totals.published, totals.counts, totals.counts.completion) == (0, 0, Counts(), None)


def test_courses_nobody_took_come_last_by_completion(make_user, make_course) -> None:
    creator = make_user("creator")
    for title, enrolled, finished in (("None", 0, 0), ("Half", 4, 2), ("All", 2, 2), ("Nobody finished", 9, 0)):
        make_course(title, creator=creator, enrollment_count=enrolled, completion_count=finished)
    assert [row.title for row in studio_rows(creator.id, "completion")] == ["All", "Half", "Nobody finished", "None"]
    backwards = [row.title for row in studio_rows(creator.id, "completion", False)]
    assert backwards == ["Nobody finished", "Half", "All", "None"]


def test_by_publishing_the_days_that_are_shown_are_in_order(make_user, make_course) -> None:
    creator, moment = make_user("creator"), now()
    for title, published, created in (("Imported today", 900, 0), ("Made last", 1, 3), ("Old", 30, 31)):
        days = {"published_at": moment - timedelta(days=published), "created_at": moment - timedelta(days=created)}
        make_course(title, creator=creator, **days)
    make_course("Draft", creator=creator, published=False, created_at=moment - timedelta(days=2))
    make_course("Undated", creator=creator, published_at=UNDATED, created_at=moment - timedelta(days=5))
    order = ["Made last", "Draft", "Undated", "Old", "Imported today"]
    assert [row.title for row in studio_rows(creator.id)] == order
    assert [row.title for row in studio_rows(creator.id, descending=False)] == order[::-1]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_follow_on_each_other(make_user, make_course, sort: str) -> None:
    creator = make_user("creator")
    for n in range(5):
        make_course(f"C{n}", creator=creator)
    whole = [row.slug for row in studio_rows(creator.id, sort)]
    assert [row.slug for offset in (0, 2, 4) for row in studio_rows(creator.id, sort, limit=2, offset=offset)] == whole


def test_twenty_rows_cost_as_many_statements_as_two(make_user, make_course) -> None:
    creator = make_user("creator")
    for _ in range(20):
        make_course(creator=creator)
    costs = []
    for limit in (2, 20):
        with counted() as statements:
            assert len(studio_rows(creator.id, limit=limit)) == limit
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_everybodys_totals_read_no_table_of_millions_from_end_to_end(make_user, make_course) -> None:
    make_course(creator=make_user("creator"))
    with counted() as statements:
        studio_totals(None)
    assert not [statement for statement in statements if "FROM enrollments" in statement]
    for statement in (" ".join(statement.split()) for statement in statements if "FROM events" in statement):
        assert "events.course_id IN (" in statement
        assert "events.occurred_at >= " in statement
