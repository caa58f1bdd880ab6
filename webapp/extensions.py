"""Extensions, unbound: `factory.create_app` ties them to an application."""

from flask import request
from flask_limiter import Limiter
from flask_mailman import Mail
from flask_security.core import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from webapp.support.client_description import counted_network

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base with predictable constraint names, so that migrations can address them."""

    metadata = MetaData(naming_convention=NAMING)


def client_network() -> str:
    """The network this request comes from, as limits count it."""
    return counted_network(request.remote_addr)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": True})
csrf = CSRFProtect()
limiter = Limiter(key_func=client_network, default_limits=[], headers_enabled=True, in_memory_fallback_enabled=True)
mail = Mail()
security = Security()
