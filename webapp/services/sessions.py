"""Signed-in sessions: started, kept alive by use, ended.

The table is the truth: a cookie whose row has ended is worth nothing, whoever kept a copy.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, or_, update

from webapp.extensions import db
from webapp.models.session import UserSession
from webapp.models.user import User
from webapp.policies import Person
from webapp.services.accounts import lock_account, own_account
from webapp.services.errors import NotFound
from webapp.support.clock import now
from webapp.support.messages import gettext

SEEN_EVERY = timedelta(minutes=5)
"""Use is written down at most this often: reading pages seldom writes."""

KEEP_ENDED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts without use, how long at most, and how long where its owner asked to stay signed in."""

    idle: timedelta = timedelta(hours=12)
    absolute: timedelta = timedelta(days=7)
    remembered: timedelta = timedelta(days=30)

    def idle_and_absolute_end(self, remembered: bool, started: datetime, used: datetime) -> tuple[datetime, datetime]:
        """The idle and the absolute end of a session."""
        if remembered:
            return started + self.remembered, started + self.remembered
        return min(used + self.idle, started + self.absolute), started + self.absolute


def token_hash(token: str) -> str:
    """What the table holds of a token."""
    return sha256(token.encode()).hexdigest()


def start_session(user: User, limits: SessionLimits, remembered: bool = False, browser: str = "", network: str = "") -> str:
    """A new session of the account; the token its cookies carry. It has ended already where password or sessions were changed since the
    account was read: whoever signed in with what was true a moment ago gets nothing that outlives it."""
    is_current = lock_account(user.id) == user.fs_uniquifier
    token, moment = secrets.token_urlsafe(32), now()
    idle, absolute = limits.idle_and_absolute_end(remembered, moment, moment)
    row = UserSession(user_id=user.id, token_hash=token_hash(token), created_at=moment, last_seen_at=moment)
    row.idle_expires_at, row.expires_at, row.remembered, row.browser, row.network = idle, absolute, remembered, browser[:60], network[:45]
    row.revoked_at = None if is_current else moment
    db.session.add(row)
    db.session.flush()
    return token


def note_use(session_id: int, remembered: bool, started: datetime, limits: SessionLimits) -> None:
    """The session has been used: its idle end moves on. One that has been ended meanwhile stays ended."""
    idle, _absolute = limits.idle_and_absolute_end(remembered, started, now())
    _change(UserSession.id == session_id, last_seen_at=now(), idle_expires_at=idle)


def end_session(actor: Person, session_id: int) -> None:
    """End one of the actor's own sessions. Raises NotFound for other people's, and Forbidden."""
    user = own_account(actor)
    if not _change((UserSession.id == session_id) & (UserSession.user_id == user.id), revoked_at=now()):
        raise NotFound(gettext("There is no such session."))


def end_token(token: str) -> None:
    """End the session of a token, whoever sends it: it is signing out."""
    _change(UserSession.token_hash == token_hash(token), revoked_at=now())


def sign_out_elsewhere(actor: Person, except_id: int | None) -> None:
    """End every session of the actor but this one; links in mails sent before stop working too. Raises Forbidden."""
    user = own_account(actor)
    user.fs_uniquifier = uuid.uuid4().hex
    end_sessions(user.id, except_id)
    db.session.flush()


def end_sessions(user_id: int, except_id: int | None = None) -> None:
    """End every session of an account, or every one but this."""
    lock_account(user_id)
    rows = UserSession.user_id == user_id
    _change(rows if except_id is None else rows & (UserSession.id != except_id), revoked_at=now())


def ended_long_ago(moment: datetime) -> ColumnElement[bool]:
    """Which sessions ended a week or longer before the moment."""
    before = moment - KEEP_ENDED
    return or_(UserSession.expires_at < before, UserSession.revoked_at < before, UserSession.idle_expires_at < before)


def _change(rows: ColumnElement[bool], **values: object) -> int:
    """Change rows that have not ended; how many."""
    statement = update(UserSession).where(rows, UserSession.revoked_at.is_(None)).values(values)
    return db.session.connection().execute(statement).rowcount
