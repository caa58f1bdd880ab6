"""How often new courses were shown: days that are over as rolled up, today exactly."""

from datetime import timedelta

from recsys.types import Item
from webapp.recommender.serving.exposure import NEW_FOR, exposure_of
from webapp.services.rollups import roll_up
from webapp.support.clock import now


def item(course, days_ago: float) -> Item:
    return Item(str(course.id), published=(now() - timedelta(days=days_ago)).timestamp())


def test_every_place_since_publishing_counts_and_old_courses_are_left_out(make_user, make_course, make_slate, make_enrollment) -> None:
    user, fresh, unseen, old = make_user(), make_course(), make_course(), make_course()
    for days_ago in (NEW_FOR.days - 1, 2, 1):
        make_slate(user, [fresh, old], served_at=now() - timedelta(days=days_ago))
    make_enrollment(user, fresh)
    roll_up()
    make_slate(user, [old, fresh])
    items = [item(fresh, NEW_FOR.days - 0.5), item(unseen, 1), item(old, NEW_FOR.days + 1), Item("7")]
    assert exposure_of(items) == {str(fresh.id): (4, 1), str(unseen.id): (0, 0)}
