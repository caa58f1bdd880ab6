"""Figures: rollups for days that are over, today exactly, and both the same."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from tests import factories
from tests.factories import make_event
from tests.waiting import until
from tests.webapp.pruning import prune_records
from webapp.analytics.course_figures import CourseFigures, course_figures
from webapp.extensions import db
from webapp.models.event import Event
from webapp.models.operations import ImportRun, RunStatus
from webapp.models.rollup import SMALLEST_GROUP, CourseDay, CourseStats, PlacementDay
from webapp.models.slate import Impression
from webapp.policies import Person
from webapp.registries.events import EventKind
from webapp.services.events import EventIn, record, record_view
from webapp.services.impressions import mark_clicked, mark_seen
from webapp.services.privacy import erase_person
from webapp.services.rollups import (
    BEGINNING,
    count_attribution_days,
    count_days,
    rebuild_rollups,
    recount_ratings,
    roll_up,
    store_all,
    store_days,
)
from webapp.support.clock import now
from webapp.transactions import unit_of_work

NOON = now().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def figures(course, days: int = 30) -> CourseFigures:
    return course_figures([course.id], (now() - timedelta(days=days)).date()).get(course.id, CourseFigures())


def test_yesterday_comes_from_rollups_and_today_is_exact(make_user, make_course, make_slate) -> None:
    user, course, other = make_user(), make_course(), make_course()
    for days_ago in (2, 1, 0, 0):
        make_event(EventKind.VIEW, user, course, days_ago)
    make_event(EventKind.ENROLL, user, course, 1)
    make_event(EventKind.ENROLL, user, course, 1, time_is_order=True)  # its time means nothing
    make_event(EventKind.VIEW, user, other, 1)
    make_slate(user, [course, other], served_at=now() - timedelta(days=1))
    make_slate(user, [course])
    assert (figures(course).views, figures(course).enrolled, figures(course).served) == (2, 0, 1)  # nothing has been rolled up yet
    roll_up()
    assert figures(course) == CourseFigures(views=4, enrolled=1, served=2)
    assert figures(course, days=1) == CourseFigures(views=3, enrolled=1, served=2)
    roll_up()
    roll_up(BEGINNING)
    assert figures(course) == CourseFigures(views=4, enrolled=1, served=2)


def test_no_day_is_lost_while_no_job_runs_and_visitors_come(make_user, make_course, make_slate) -> None:
    user, course = make_user(), make_course()
    make_event(EventKind.VIEW, user, course, 6)
    with time_machine.travel(NOON - timedelta(days=6), tick=False):
        roll_up()
    for days_ago in (4, 3, 1):
        make_event(EventKind.VIEW, user, course, days_ago)
        make_slate(user, [course], served_at=now() - timedelta(days=days_ago))
    record_view(None, course.id)
    expected = CourseFigures(views=4, served=3, visitor_views=1)
    assert figures(course) == expected
    roll_up()
    assert figures(course) == expected
    assert sorted(db.session.scalars(select(CourseDay.views).where(CourseDay.views > 0))) == [1, 1, 1, 1]


def test_no_day_is_lost_after_a_clock_was_ahead(make_user, make_course, make_slate) -> None:
    user, course = make_user(), make_course()
    make_event(EventKind.VIEW, user, course, 6)
    with time_machine.travel(NOON - timedelta(days=6), tick=False):
        roll_up()
    with time_machine.travel(NOON + timedelta(days=900), tick=False):
        make_event(EventKind.VIEW, user, course)
        make_slate(user, [course], served_at=now())
        roll_up()
    for days_ago in (4, 2):
        make_event(EventKind.SAVE, user, course, days_ago)
        make_slate(user, [course], served_at=now() - timedelta(days=days_ago))
    before = figures(course)
    assert (before.saved, before.views - 1) == (2, 1)  # the view of the wrong moment is counted where it was stamped
    roll_up()
    assert figures(course).saved == 2
    assert sorted(db.session.scalars(select(CourseDay.saved).where(CourseDay.day <= now().date()))) == [0, 1, 1]


def test_the_evening_before_counts_before_the_job_comes_to_it(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    make_event(EventKind.VIEW, user, course, 1)
    with time_machine.travel(NOON - timedelta(days=1), tick=False):
        roll_up()
    make_event(EventKind.SAVE, user, course, 0.6)
    assert figures(course) == figures(course, days=1) == CourseFigures(views=1, saved=1)
    assert figures(course, days=0) == CourseFigures()


def test_what_is_rolled_up_follows_late_clicks(make_user, make_course, make_slate) -> None:
    user, course = make_user(), make_course()
    slate = make_slate(user, [course], served_at=now() - timedelta(days=1))
    roll_up()
    mark_clicked(slate.id, course.id)
    roll_up()
    day = db.session.scalars(select(PlacementDay)).one()
    assert (day.placement, day.slates, day.served, day.seen, day.clicked) == ("recommended", 1, 1, 1, 1)
    assert figures(course).clicked == 1


def test_what_is_clicked_within_a_week_counts_for_the_day_of_its_slate(make_user, make_course, make_slate) -> None:
    user, course = make_user(), make_course()
    slates = [make_slate(user, [course], served_at=now() - timedelta(days=days_ago)) for days_ago in (9, 6, 1)]
    roll_up()
    for slate in slates:
        mark_clicked(slate.id, course.id)
        make_event(EventKind.ENROLL, user, course, slate_id=slate.id)
    roll_up()
    store_all(count_attribution_days())
    roll_up()
    days = db.session.execute(select(PlacementDay.clicked, PlacementDay.enrolled).order_by(PlacementDay.day)).all()
    assert days == [(0, 0), (1, 1), (1, 1)]
    assert figures(course).clicked == 2


def test_the_first_count_of_days_begins_with_the_first(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    make_event(EventKind.VIEW, user, course, 20)
    store_all(count_attribution_days())
    assert figures(course).views == 1


def test_what_was_counted_of_slates_that_were_removed_stays(make_user, make_course, make_slate) -> None:
    user, course = make_user(), make_course()
    for visited in (user, None, None):
        make_slate(visited, [course], served_at=now() - timedelta(days=40))
    make_slate(user, [course], served_at=now() - timedelta(days=3))
    make_event(EventKind.VIEW, user, course, 40)
    roll_up()
    assert prune_records() == 2
    make_event(EventKind.VIEW, user, course, 40)  # an import brings news of that day
    rebuild_rollups()
    assert figures(course, days=60) == CourseFigures(served=4, views=2)
    assert sorted(db.session.scalars(select(PlacementDay.slates))) == [1, 3]


def test_slates_of_days_that_were_never_counted_are_counted_however_late(make_user, make_course, make_slate) -> None:
    user, course = make_user(), make_course()
    for days_ago in (60, 50, 2):
        make_slate(user, [course], served_at=now() - timedelta(days=days_ago))
        if days_ago == 60:
            with time_machine.travel(NOON - timedelta(days=60), tick=False):
                roll_up()
    roll_up()
    assert figures(course, days=90) == CourseFigures(served=3)


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.SUCCEEDED])
def test_what_an_import_counted_anew_is_not_replaced_by_what_was_counted_before(make_user, make_course, status) -> None:
    user, course = make_user(), make_course()
    make_event(EventKind.VIEW, user, course, 50)
    before = count_days()
    make_event(EventKind.VIEW, user, course, 50)
    rebuild_rollups()
    db.session.add(ImportRun(kind="interactions", layout="", file_name="", file_sha256="", status=status, finished_at=now()))
    db.session.flush()
    assert [store_days(group, before) for group in before.groups] == [0]
    assert figures(course, days=60) == CourseFigures(views=2)


def test_counts_from_before_an_import_wait_for_its_end_and_are_left_out(committing_app: Flask) -> None:
    with unit_of_work():
        user, course = factories.make_user(), factories.make_course()
        make_event(EventKind.VIEW, user, course, 1)
        roll_up()
    with unit_of_work(writes=False):
        before = count_days()

    def store() -> int:
        with committing_app.app_context(), unit_of_work():
            return store_days(before.groups[0], before)

    def a_job_waits() -> bool:
        waiting = text("select count(*) from pg_locks where not granted")
        return db.engine.dialect.name == "sqlite" or bool(db.session.scalar(waiting))

    with ThreadPoolExecutor(1) as pool:
        with unit_of_work():
            make_event(EventKind.VIEW, user, course, 1)
            rebuild_rollups()
            stored = pool.submit(store)
            until(a_job_waits, "the job to wait for the import")
            values = {"layout": "", "file_name": "", "file_sha256": "", "status": RunStatus.SUCCEEDED, "finished_at": now()}
            db.session.add(ImportRun(kind="interactions", **values))
        assert stored.result() == 0
    with unit_of_work(writes=False):
        assert db.session.scalar(select(CourseDay.views)) == 2


@pytest.mark.parametrize("kind", ["courses", "learners"])
def test_an_import_that_brings_no_events_keeps_nothing_from_being_stored(make_user, make_course, kind) -> None:
    user, course = make_user(), make_course()
    make_event(EventKind.VIEW, user, course, 7)
    before = count_attribution_days()
    db.session.add(ImportRun(kind=kind, layout="", file_name="", file_sha256="", status=RunStatus.SUCCEEDED, finished_at=now()))
    db.session.flush()
    store_all(before)
    assert figures(course, days=60) == CourseFigures(views=1)
    assert db.session.scalar(select(CourseDay.views)) == 1


def test_an_erased_person_is_counted_no_longer_alone_or_in_company(make_user, make_course, make_slate) -> None:
    gone, stays, alone, together = make_user(), make_user(), make_course(), make_course()
    for user, courses in ((gone, [alone, together]), (stays, [together])):
        for course in courses:
            make_event(EventKind.VIEW, user, course, 1)
        slate = make_slate(user, courses, served_at=now() - timedelta(days=1), placement=f"shelf-{len(courses)}")
        mark_clicked(slate.id, together.id)
    record_view(None, alone.id)
    roll_up()
    assert figures(alone) == CourseFigures(views=1, visitor_views=1, served=1)
    with unit_of_work():
        erase_person(gone.id)
    roll_up()
    assert figures(alone) == CourseFigures(visitor_views=1)
    assert figures(together) == CourseFigures(views=1, served=1, seen=1, clicked=1)
    assert sorted(db.session.scalars(select(PlacementDay.served))) == [0, 1]


def test_the_rating_of_an_erased_person_goes_with_them(make_user, make_course) -> None:
    gone, stays, alone, together = make_user(), make_user(), make_course(), make_course()
    for user, course, stars in ((gone, alone, 1), (gone, together, 1), (gone, together, 2), (stays, together, 5)):
        record(Person.of(user), EventIn(EventKind.RATING, course.id, value=stars))
    with unit_of_work():
        erase_person(gone.id)
    by_course = select(CourseStats.course_id, CourseStats.rating_count, CourseStats.rating_sum).order_by(CourseStats.course_id)
    assert db.session.execute(by_course).all() == [(alone.id, 0, 0), (together.id, 1, 5)]


def test_visitors_are_counted_and_not_logged(make_course) -> None:
    course = make_course()
    for _ in range(3):
        record_view(None, course.id)
    roll_up(BEGINNING)
    assert db.session.scalars(select(Event.id)).all() == []
    assert figures(course) == CourseFigures(visitor_views=3)
    assert figures(course).all_views == 3


def test_days_without_news_keep_their_row(make_user, make_course) -> None:
    user, course = make_user(), make_course()
    make_event(EventKind.SAVE, user, course, 40)
    roll_up()
    assert db.session.scalars(select(CourseDay.saved)).all() == [1]
    assert figures(course) == CourseFigures()
    assert figures(course, days=60).saved == 1


def test_a_learner_rates_once(make_user, make_course) -> None:
    from webapp.queries.cards import cards_for

    course, first, second = make_course(), make_user(), make_user()
    for user, stars in ((first, 1), (second, 4), (first, 5)):
        record(Person.of(user), EventIn(EventKind.RATING, course.id, value=stars))
    (card,) = cards_for([course.id])
    assert (card.rating, card.rating_count) == (4.5, 2)
    recount_ratings()
    (card,) = cards_for([course.id])
    assert (card.rating, card.rating_count) == (4.5, 2)


def test_only_own_places_are_seen_and_only_once(make_user, make_course, make_slate) -> None:
    user, courses = make_user(), [make_course() for _ in range(3)]
    slate, foreign = make_slate(user, courses), make_slate(make_user(), courses)
    places = [(slate.id, 1), (slate.id, 3), (slate.id, 9), (foreign.id, 1)]
    assert mark_seen(Person.of(user), places) == 2
    assert mark_seen(Person.of(user), places) == 0
    seen = db.session.execute(select(Impression.slate_id, Impression.position).where(Impression.seen_at.is_not(None))).all()
    assert {tuple(row) for row in seen} == {(slate.id, 1), (slate.id, 3)}


def test_pairs_say_in_which_order_learners_took_courses(make_user, make_course, make_enrollment) -> None:
    from webapp.queries.course_taking_order import PairOrder, pair_orders
    from webapp.recommender.training.course_pairs import course_pairs
    from webapp.services.rollups import replace_course_pairs

    first, second, rare = make_course(), make_course(), make_course()
    last = now()
    for number in range(SMALLEST_GROUP + 1):
        user, back = make_user(), number == 0
        make_enrollment(user, first, enrolled_at=last - timedelta(days=5))
        make_enrollment(user, second, "dropped", enrolled_at=last - timedelta(days=9 if back else 1))
        if number < SMALLEST_GROUP - 1:
            make_enrollment(user, rare, enrolled_at=last)
    replace_course_pairs(course_pairs())
    n = SMALLEST_GROUP + 1
    pairs = [(first.id, second.id), (second.id, first.id), (first.id, rare.id)]
    expected = {pairs[0]: PairOrder(n, n - 1, 1), pairs[1]: PairOrder(n, 1, n - 1)}  # of the rare one too few took both
    assert pair_orders(pairs) == expected
    replace_course_pairs(course_pairs())
    assert pair_orders(pairs) == expected
    replace_course_pairs([])
    assert pair_orders(pairs) == {}
