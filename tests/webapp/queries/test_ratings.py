"""Of several ratings of one learner the newest is in force."""

from sqlalchemy import select

from webapp.extensions import db
from webapp.queries.ratings import ratings_in_force
from webapp.registries.events import EventKind
from webapp.support.clock import now


def test_the_newest_of_each_learner_and_course_counts(make_user, make_course, make_event) -> None:
    def rate(user, course, stars: float, days_ago: float, kind: EventKind = EventKind.RATING) -> int:
        return make_event(kind, user, course, days_ago, value=stars).id

    (ada, bob), (maps, knots) = (make_user(), make_user()), (make_course(), make_course())
    rate(ada, maps, 2, days_ago=9)
    newest = rate(ada, maps, 5, days_ago=1)
    rate(ada, maps, 3, days_ago=4)
    others = [rate(bob, maps, 1, days_ago=8), rate(ada, knots, 4, days_ago=7)]
    rate(None, maps, 5, days_ago=2)
    rate(bob, knots, 50, days_ago=1, kind=EventKind.PROGRESS)
    every, of_maps = (ratings_in_force(courses) for courses in (None, [maps.id]))
    assert set(db.session.scalars(select(every.c.id))) == {newest, *others}
    assert set(db.session.execute(select(of_maps.c.id, of_maps.c.value)).all()) == {(newest, 5.0), (others[0], 1.0)}


def test_of_two_at_one_moment_the_later_row_counts(make_user, make_course, make_event) -> None:
    user, course, at = make_user(), make_course(), now()
    for stars in (1.0, 4.0):
        make_event(EventKind.RATING, user, course, at=at, value=stars)
    assert db.session.scalars(select(ratings_in_force().c.value)).all() == [4.0]
