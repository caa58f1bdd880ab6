"""Signed-in sessions: the one of a token, and those of an account."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select

from webapp.extensions import db
from webapp.models import User, UserSession


def open_session(token_hash: str, moment: datetime) -> tuple[UserSession, User] | None:
    """The session of a token and its account, in one indexed statement; None where it has ended or the account is suspended."""
    row = db.session.execute(_open_session(), {"token_hash": token_hash, "moment": moment}).one_or_none()
    return (row[0], row[1]) if row else None


@cache
def _open_session() -> Select[UserSession, User]:
    return (
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.token_hash == bindparam("token_hash"), UserSession.revoked_at.is_(None))
        .where(UserSession.idle_expires_at > bindparam("moment"), User.active.is_(True))
    )


def open_sessions(user_id: int, moment: datetime) -> Sequence[UserSession]:
    """The account's sessions that can still be used, the latest used first."""
    query = select(UserSession).where(
        UserSession.user_id == user_id, UserSession.revoked_at.is_(None), UserSession.idle_expires_at > moment
    )
    return db.session.scalars(query.order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())).all()
