"""Guards of views: the current account and actor, and the permission a view requires. Services check again: the guard explains, the
service protects."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.models.user import User
from webapp.policies import Forbidden, Permission, Person, require
from webapp.web.errors import error_response, wants_json
from webapp.web.kept_input import ask_to_sign_in

P = ParamSpec("P")


def current_account() -> User | None:
    """The account that is signed in, None for visitors."""
    return current_user._get_current_object() if current_user and current_user.is_authenticated else None


def current_actor() -> Person | None:
    """Who is acting in this request, None for visitors."""
    user = current_account()
    return Person.of(user) if user else None


def signed_in_actor() -> Person:
    """Who is acting, in views behind `requires`. Raises Forbidden for visitors."""
    actor = current_actor()
    if actor is None:
        raise Forbidden(Permission.EDIT_PROFILE)
    return actor


def requires(permission: Permission) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Lets those pass who hold the permission; visitors are asked to sign in and come back, others get a 403."""

    def guard(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            actor = current_actor()
            if actor is None:
                return error_response(401) if wants_json() else ask_to_sign_in()
            require(actor, permission)
            return view(*args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard
