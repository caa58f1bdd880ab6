"""Signed-in sessions: the one of a token, and those of an account."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, select

from webapp.extensions import db
from webapp.models.session import UserSession
from webapp.models.user import User

_CLOCKS_APART = timedelta(minutes=5)  # of several machines
_Time = datetime | BindParameter[datetime]


def active_session(token_hash: str, moment: datetime) -> tuple[UserSession, User] | None:
    """The session of a token and its account, in one indexed statement; None where it has ended or the account is suspended."""
    row = db.session.execute(
        _open_session_statement(), {"token_hash": token_hash, "moment": moment, "begun": moment + _CLOCKS_APART}
    ).one_or_none()
    return (row[0], row[1]) if row else None


@cache
def _open_session_statement() -> Select[UserSession, User]:
    return (
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.token_hash == bindparam("token_hash"), *_is_open(bindparam("moment"), bindparam("begun")))
        .where(User.active.is_(True))
    )


def active_sessions(user_id: int, moment: datetime) -> Sequence[UserSession]:
    """The account's sessions that can still be used, the latest used first."""
    query = select(UserSession).where(UserSession.user_id == user_id, *_is_open(moment, moment + _CLOCKS_APART))
    return db.session.scalars(query.order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())).all()


def _is_open(moment: _Time, latest_begin: _Time) -> tuple[ColumnElement[bool], ...]:
    """Sessions that were not ended, and have come to neither end by themselves. One begun in the future, by a clock that was wrong,
    would last beyond its limits."""
    return (
        UserSession.revoked_at.is_(None),
        UserSession.created_at <= latest_begin,
        UserSession.idle_expires_at > moment,
        UserSession.expires_at > moment,
    )
