"""Exposure of new courses: how often they were shown and taken, which steers and ends their exploration."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import func, select

from recsys.types import Item
from webapp.analytics.course_figures import course_figures
from webapp.extensions import db
from webapp.models.enrollment import Enrollment
from webapp.support.clock import now

NEW_FOR = timedelta(days=60)


def exposure_of(items: Iterable[Item]) -> dict[str, tuple[int, int]]:
    """(times shown, times taken) of the items published lately, by id; counted in places of slates, those of days that are
    over as the daily counts have them."""
    since = now() - NEW_FOR
    new = {int(item.item_id) for item in items if item.published is not None and item.published >= since.timestamp()}
    if not new:
        return {}
    shown = {course_id: figures.served for course_id, figures in course_figures(new, since.date()).items()}
    counts = select(Enrollment.course_id, func.count()).where(Enrollment.course_id.in_(new)).group_by(Enrollment.course_id)
    taken: dict[int, int] = dict(db.session.execute(counts).all())
    return {str(course_id): (shown.get(course_id, 0), taken.get(course_id, 0)) for course_id in new}
