"""Impressions: what became of the places of a slate, as pages tell it."""

from collections.abc import Collection

from sqlalchemy import func, select, update

from webapp.extensions import db
from webapp.models.rollup import CourseDay
from webapp.models.slate import Impression, Slate
from webapp.policies import Person
from webapp.services.errors import Invalid
from webapp.services.insert_on_conflict import insert_for
from webapp.support.clock import now
from webapp.support.messages import gettext

MAX_PLACES = 500
"""Of one message: a page shows fewer."""

Place = tuple[int, int]


def mark_seen(actor: Person, places: Collection[Place]) -> int:
    """Note that places (slate, position) of the actor's slates were seen: at least half of the card for a second. How many are new.

    Places of somebody else's slates, and such as there are none of, count for nobody. Raises Invalid for too many.
    """
    if len(places) > MAX_PLACES:
        raise Invalid(gettext("At most %(num)s places at once.", num=MAX_PLACES), "seen")
    by_slate: dict[int, set[int]] = {}
    for slate_id, position in places:
        by_slate.setdefault(slate_id, set()).add(position)
    own = set(db.session.scalars(select(Slate.id).where(Slate.id.in_(by_slate), Slate.user_id == actor.user_id)))
    new = 0
    for slate_id in sorted(own):
        unseen = (Impression.slate_id == slate_id, Impression.position.in_(by_slate[slate_id]), Impression.seen_at.is_(None))
        new += db.session.connection().execute(update(Impression).where(*unseen).values(seen_at=now())).rowcount
    return new


def mark_clicked(slate_id: int, course_id: int) -> None:
    """Note the first opening of a course from its card on a slate; what was clicked was seen."""
    place = (Impression.slate_id == slate_id, Impression.course_id == course_id, Impression.clicked_at.is_(None))
    moment = now()
    db.session.execute(
        update(Impression).where(*place).values(clicked_at=moment, seen_at=func.coalesce(Impression.seen_at, moment)),
        execution_options={"synchronize_session": False},
    )


def mark_seen_by_feedback(slate_id: int, course_id: int) -> None:
    """Note that a card was seen by somebody who pressed one of its buttons, however soon: after that the page shows another one."""
    place = (Impression.slate_id == slate_id, Impression.course_id == course_id, Impression.seen_at.is_(None))
    db.session.execute(update(Impression).where(*place).values(seen_at=now()), execution_options={"synchronize_session": False})


def count_visitor_view(course_id: int) -> None:
    """Count a view by somebody without an account, on the day (UTC) it happens."""
    insert = insert_for(CourseDay).values(course_id=course_id, day=now().date(), visitor_views=1)
    db.session.execute(
        insert.on_conflict_do_update(index_elements=["course_id", "day"], set_={"visitor_views": CourseDay.visitor_views + 1})
    )
