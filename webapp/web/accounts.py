"""Accounts on Flask-Security."""

from flask import Flask
from flask_security.datastore import SQLAlchemyUserDatastore

from webapp.extensions import db, security
from webapp.models import Role, User


class Datastore(SQLAlchemyUserDatastore):
    """Flask-Security's store, except that the unit of work commits, not it."""

    def commit(self) -> None:
        db.session.flush()


def init_accounts(app: Flask) -> None:
    """Configure sign-in."""
    app.config.update(SECURITY_PASSWORD_HASH="argon2")
    security.init_app(app, Datastore(db, User, Role))
