"""Mail that waits to be sent."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select

from webapp.extensions import db
from webapp.models.outbox import OutboxMail
from webapp.support.clock import CLOCKS_DIFFER, now

LONGEST_WAIT = timedelta(hours=12)


def due_condition(moment: datetime) -> ColumnElement[bool]:
    """The condition that a mail waits and may be tried. A wait longer than any that is given, or of a mail that is still to be written,
    was stamped by a clock that was wrong."""
    mistimed = or_(OutboxMail.not_before > moment + LONGEST_WAIT, stamped_in_future_condition(moment))
    return and_(OutboxMail.closed_at.is_(None), or_(OutboxMail.not_before <= moment, mistimed))


def stamped_in_future_condition(moment: datetime) -> ColumnElement[bool]:
    """The condition that a clock ahead has stamped a mail, by more than clocks of several machines differ."""
    return OutboxMail.created_at > moment + CLOCKS_DIFFER


def mail_is_due() -> bool:
    """Whether there is mail to be tried now."""
    return bool(db.session.scalar(select(exists().where(due_condition(now())))))
