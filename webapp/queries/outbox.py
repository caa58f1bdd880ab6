"""Mail that waits to be sent."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select

from webapp.extensions import db
from webapp.models.outbox import OutboxMail
from webapp.support.clock import now

LONGEST_WAIT = timedelta(hours=12)


def due_condition(moment: datetime) -> ColumnElement[bool]:
    """The condition that a mail waits and may be tried. A wait longer than any that is given was stamped by a clock that was wrong."""
    return and_(OutboxMail.closed_at.is_(None), or_(OutboxMail.not_before <= moment, OutboxMail.not_before > moment + LONGEST_WAIT))


def mail_is_due() -> bool:
    """Whether there is mail to be tried now."""
    return bool(db.session.scalar(select(exists().where(due_condition(now())))))
