"""Of several ratings of one learner the newest is in force."""

from datetime import timedelta

from sqlalchemy import select

from webapp.extensions import db
from webapp.models import Event
from webapp.queries.ratings import ratings_in_force
from webapp.registries.events import EventKind
from webapp.support.clock import now


def rate(user_id: int | None, course_id: int, stars: float, days_ago: float, kind: EventKind = EventKind.RATING) -> int:
    at = now() - timedelta(days=days_ago)
    event = Event(
        kind=kind, user_id=user_id, course_id=course_id, value=stars, occurred_at=at, client_id=f"{user_id}-{course_id}-{days_ago}-{kind}"
    )
    db.session.add(event)
    db.session.flush()
    return event.id


def test_the_newest_of_each_learner_and_course_counts(make_user, make_course) -> None:
    (ada, bob), (maps, knots) = (make_user(), make_user()), (make_course(), make_course())
    rate(ada.id, maps.id, 2, days_ago=9)
    newest = rate(ada.id, maps.id, 5, days_ago=1)
    rate(ada.id, maps.id, 3, days_ago=4)
    others = [rate(bob.id, maps.id, 1, days_ago=8), rate(ada.id, knots.id, 4, days_ago=7)]
    rate(None, maps.id, 5, days_ago=2)
    rate(bob.id, knots.id, 50, days_ago=1, kind=EventKind.PROGRESS)
    every, of_maps = (ratings_in_force(courses) for courses in (None, [maps.id]))
    assert set(db.session.scalars(select(every.c.id))) == {newest, *others}
    assert set(db.session.execute(select(of_maps.c.id, of_maps.c.value)).all()) == {(newest, 5.0), (others[0], 1.0)}


def test_of_two_at_one_moment_the_later_row_counts(make_user, make_course) -> None:
    user, course, at = make_user(), make_course(), now()
    for number, stars in enumerate((1.0, 4.0)):
        db.session.add(
            Event(kind=EventKind.RATING, user_id=user.id, course_id=course.id, value=stars, occurred_at=at, client_id=f"at-once-{number}")
        )
        db.session.flush()
    assert db.session.scalars(select(ratings_in_force().c.value)).all() == [4.0]
