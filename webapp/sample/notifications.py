"""Notifications of the sample world's accounts over their half year, by the same rules as everybody's."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from webapp.extensions import db
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment
from webapp.models.notification import Notification
from webapp.services.notifications import tell_of_first_learner, tell_topic_followers

_READ_AFTER = timedelta(days=30)


def add_notifications(begin: datetime, at: datetime) -> None:
    """Announce what was published and begun since; what is older than a month has been read when it came."""
    for course in db.session.scalars(select(Course).where(Course.is_sample, Course.published_at > begin)).all():
        tell_topic_followers(course, course.published_at)
    begun = func.min(Enrollment.enrolled_at)
    first = select(Course, begun).join(Enrollment, Enrollment.course_id == Course.id).where(Course.is_sample, Course.published_at > begin)
    for course, moment in db.session.execute(first.where(Enrollment.user_id != Course.creator_id).group_by(Course.id)).all():
        tell_of_first_learner(course, moment)
    old = update(Notification).where(Notification.created_at < at - _READ_AFTER)
    db.session.execute(old.values(read_at=Notification.created_at).execution_options(synchronize_session=False))
