"""Sessions that begin and end while the password of their account is changed, or the account goes."""

import uuid
from collections.abc import Callable
from functools import partial

from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm.exc import StaleDataError

from tests.factories import make_user
from tests.webapp.at_once import done_at_once
from tests.webapp.statements import counted
from webapp.extensions import db
from webapp.models.session import UserSession
from webapp.models.user import User
from webapp.queries.sessions import active_session
from webapp.services.privacy import erase_person
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

    def change() -> None:
        with unit_of_work():
            user = db.session.get_one(User, user_id)
            user.fs_uniquifier = uuid.uuid4().hex
            end_sessions(user_id)
            start_session(user, SessionLimits())

    for _ in range(ROUNDS):
        assert done_at_once(committing_app, [change] * 6) == 6
    assert db.session.scalar(select(func.count()).where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))) == 1


def test_the_account_is_locked_before_any_row_of_it_goes(app: Flask) -> None:
    user_id = make_user().id
    with counted() as statements, unit_of_work():
        erase_person(user_id)
    first_change = next(place for place, statement in enumerate(statements) if statement.startswith(("DELETE", "UPDATE")))
    assert any(statement.startswith("SELECT users.fs_uniquifier") for statement in statements[:first_change])


def test_an_account_goes_for_good_while_its_password_is_changed(committing_app: Flask) -> None:
    def change(user_id: int) -> None:
        user = db.session.get(User, user_id)
        if user is not None:
            user.fs_uniquifier = uuid.uuid4().hex
            end_sessions(user_id)
            start_session(user, SessionLimits())

    def go(user_id: int, work: Callable[[int], None]) -> None:
        with unit_of_work():
            work(user_id)

    for _ in range(ROUNDS):
        with committing_app.app_context(), unit_of_work():
            user = make_user()
            start_session(user, SessionLimits())
            user_id = user.id
        works = [partial(go, user_id, work) for work in (change, erase_person, change, change)]
        done_at_once(committing_app, works, refused=StaleDataError)  # of a change to which the account was quicker to go
        with committing_app.app_context(), unit_of_work(writes=False):
            assert db.session.scalar(select(func.count()).where(UserSession.user_id == user_id)) == 0
