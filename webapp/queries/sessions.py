"""Signed-in sessions: the one of a token, and those of an account."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from webapp.extensions import db
from webapp.models import User, UserSession

_CLOCKS_APART = timedelta(minutes=5)  # of several machines


def open_session(token_hash: str, moment: datetime) -> tuple[UserSession, User] | None:
    """The session of a token and its account, in one indexed statement; None where it has ended or the account is suspended."""
    query = (
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.token_hash == token_hash, *_is_open(moment))
        .where(User.active.is_(True))
    )
    row = db.session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def open_sessions(user_id: int, moment: datetime) -> Sequence[UserSession]:
    """The account's sessions that can still be used, the latest used first."""
    query = select(UserSession).where(UserSession.user_id == user_id, *_is_open(moment))
    return db.session.scalars(query.order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())).all()


def _is_open(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Sessions that were not ended, and have come to neither end by themselves. One begun in the future, by a clock that was wrong,
    would last beyond its limits."""
    begun = UserSession.created_at <= moment + _CLOCKS_APART
    return UserSession.revoked_at.is_(None), begun, UserSession.idle_expires_at > moment, UserSession.expires_at > moment
