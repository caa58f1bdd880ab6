"""Flask-Security's views, with limits on guessing and mailing, and without changes by GET.

They are wrapped once, when this module is loaded: a limit is known by its view, and every application shares them.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import views
from flask_security.confirmable import confirm_email_token_status

from webapp.extensions import limiter
from webapp.web import limit_store  # noqa: F401 - makes file:// known to the limiter
from webapp.web.redirects import own_path

View = Callable[..., ResponseReturnValue]


def _account_key() -> str:
    """The account that is tried; the store of counts holds no addresses."""
    address = request.form.get("email", "").strip().lower()
    if not address and current_user.is_authenticated:
        address = str(current_user.email)
    return "account:" + sha256(address.encode()).hexdigest()[:24] if address else f"address:{request.remote_addr}"


def _came_back(response: Response) -> bool:
    """A form shown again was a wrong guess. Only those count: people who get in do not use up an address they share."""
    return response.status_code == 200


def limit_guesses(view: Any) -> Any:
    """Ten wrong guesses for one account, thirty from one address, then a pause of minutes."""
    by_account = limiter.limit("10 per 15 minutes", key_func=_account_key, methods=["POST"], deduct_when=_came_back)
    by_address = limiter.limit("30 per 5 minutes", methods=["POST"], deduct_when=_came_back)
    return by_account(by_address(view))


def limit_mail(view: View) -> View:
    """Nobody's mailbox is flooded, and no address sets off mail to many."""
    by_account = limiter.limit("5 per hour", key_func=_account_key, methods=["POST"])
    by_address = limiter.limit("30 per hour", methods=["POST"])
    return by_account(by_address(view))


def _confirm_email(token: str) -> ResponseReturnValue:
    """Programs that look into mail open its links too: a person presses a button."""
    expired, invalid, user = confirm_email_token_status(token)  # type: ignore[no-untyped-call]
    if request.method == "GET" and user and not expired and not invalid and user.confirmed_at is None:
        return render_template("security/confirm_email.html", email=user.email)
    return views.confirm_email(token)


def _register() -> ResponseReturnValue:
    """New people are asked three questions first and reach where they were going after them."""
    answer = make_response(views.register())
    if request.method == "POST" and answer.status_code == 302:
        return redirect(url_for("account.welcome", next=own_path(request.form.get("next"))))
    return answer


VIEWS: dict[str, View] = {
    "login": limit_guesses(views.login),
    "verify": limit_guesses(views.verify),
    "change_password": limit_guesses(views.change_password),
    # thirty people behind one address register in the same lesson
    "register": limiter.limit("120 per hour", methods=["POST"])(limit_guesses(_register)),
    "forgot_password": limit_mail(views.forgot_password),
    "send_confirmation": limit_mail(views.send_confirmation),
    "confirm_email": limiter.limit("60 per hour", methods=["POST"])(_confirm_email),
    "reset_password": limiter.limit("60 per hour", methods=["POST"])(views.reset_password),
}


def install_views(app: Flask) -> None:
    """Put them where Flask-Security has put its own."""
    for name, view in VIEWS.items():
        app.view_functions[f"security.{name}"] = view
