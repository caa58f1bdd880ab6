"""Exposure of new courses: how often they were shown and taken, which steers and ends their exploration."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import func, select

from recsys.types import Item
from webapp.extensions import db
from webapp.models import Enrollment, Slate
from webapp.support.clock import now

NEW_FOR = timedelta(days=60)
_SLATES = 3000


def exposure_of(items: Iterable[Item]) -> dict[str, tuple[int, int]]:
    """(times shown, times taken) of the items published lately, by id; counted over the newest slates."""
    since = (now() - NEW_FOR).timestamp()
    new = {int(item.item_id) for item in items if item.published is not None and item.published >= since}
    if not new:
        return {}
    shown: Counter[int] = Counter()
    for (served,) in db.session.execute(select(Slate.items).order_by(Slate.served_at.desc()).limit(_SLATES)):
        shown.update(place["course_id"] for place in served if place["course_id"] in new)
    counts = select(Enrollment.course_id, func.count()).where(Enrollment.course_id.in_(new)).group_by(Enrollment.course_id)
    taken: dict[int, int] = dict(db.session.execute(counts).all())
    return {str(course_id): (shown[course_id], taken.get(course_id, 0)) for course_id in new}
