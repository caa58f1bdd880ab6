"""Sessions that begin and end while the password of their account is changed."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select, update

from tests.factories import make_user
from tests.waiting import PATIENCE
from webapp.extensions import db
from webapp.models import User, UserSession
from webapp.queries.sessions import active_session
from webapp.services.sessions import SessionLimits, end_sessions, start_session, token_hash
from webapp.support.clock import now
from webapp.transactions import unit_of_work

ROUNDS = 5


def test_a_sign_in_that_was_checked_before_the_password_changed_gets_no_session(db_session) -> None:
    user = make_user()
    assert active_session(token_hash(start_session(user, SessionLimits())), now())
    changed = update(User).where(User.id == user.id).values(fs_uniquifier=uuid.uuid4().hex)
    db_session.execute(changed.execution_options(synchronize_session=False))
    assert active_session(token_hash(start_session(user, SessionLimits())), now()) is None


def test_passwords_changed_at_once_leave_one_session(committing_app: Flask) -> None:
    with unit_of_work():
        user_id = make_user().id

    def change(begin: Barrier) -> None:
        begin.wait(PATIENCE)
        with committing_app.app_context(), unit_of_work():
            user = db.session.get_one(User, user_id)
            user.fs_uniquifier = uuid.uuid4().hex
            end_sessions(user_id)
            start_session(user, SessionLimits())

    with ThreadPoolExecutor(6) as pool:
        for _ in range(ROUNDS):
            list(pool.map(change, [Barrier(6)] * 6))
    assert db.session.scalar(select(func.count()).where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))) == 1
