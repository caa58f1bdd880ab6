"""Flask-Security's views, with limits on guessing and mailing, and without changes by GET.

They are wrapped once, when this module is loaded: a limit is known by its view, and every application shares them.
"""

from collections.abc import Callable
from functools import wraps

from flask import Flask, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import views
from flask_security.confirmable import confirm_email_token_status
from limits import parse

from webapp.extensions import limiter
from webapp.services.accounts import address_is_claimed
from webapp.services.mail import post_dummy_mail
from webapp.support.messages import N_, gettext
from webapp.web import limit_store  # noqa: F401 - makes file:// known to the limiter
from webapp.web.foreign_text import interpolate_foreign_names
from webapp.web.guess_limits import GuessCounter, account_key, count_posts, is_redirect_after_valid_form, limit_guesses
from webapp.web.kept_input import show_kept_input_after_sign_in
from webapp.web.redirects import own_path

View = Callable[..., ResponseReturnValue]

_MAIL_PER_ACCOUNT = parse("5 per hour")
_CLAIMED = N_("This address is confirmed for another account of yours already. Sign in to that one.")
_SIGNED_OUT = N_("%(name)s was signed in here, and is signed out now.")


def rate_limit_mail_view(view: View) -> View:
    """Limit how much mail a view sends to one account and from one network."""
    by_account = limiter.limit("5 per hour", key_func=account_key, methods=["POST"])
    by_address = limiter.limit("30 per hour", methods=["POST"])
    return by_account(by_address(view))


def limit_registering(view: View) -> View:
    """Limit registrations for one address, of which only those taken count as they send mail, and, more widely, from one network:
    thirty people behind one IP address may register in the same lesson."""
    by_account = count_posts(lambda: [GuessCounter(_MAIL_PER_ACCOUNT, account_key())], is_redirect_after_valid_form)
    by_address = limiter.limit("120 per hour", methods=["POST"])
    return by_address(by_account(view))


def _equalize_mail_timing(view: View) -> View:
    """Store a dummy mail with each POST: a stored mail takes a flush of the disk, and the time would tell who has an account."""

    @wraps(view)
    def answer() -> ResponseReturnValue:
        response = view()
        if request.method == "POST":
            post_dummy_mail()
        return response

    return answer


_counted_login = limit_guesses(views.login)


def _login() -> ResponseReturnValue:
    """Sign in; whoever was signed out in the middle of a form gets it back filled in."""
    answer = make_response(_counted_login())
    if request.method == "POST" and is_redirect_after_valid_form(answer):
        return show_kept_input_after_sign_in() or answer
    return answer


def _confirm_email(token: str) -> ResponseReturnValue:
    """Confirm an address by a button that a person presses: programs that look into mail open its links too."""
    expired, invalid, user = confirm_email_token_status(token)  # type: ignore[no-untyped-call]
    if user and not expired and not invalid and user.confirmed_at is None:
        if address_is_claimed(user):
            flash(gettext(_CLAIMED), "info")
            return redirect(url_for("security.login"))
        if request.method == "GET":
            return render_template("security/confirm_email.html", email=user.email)
    was_signed_in = current_user.name if current_user.is_authenticated else None
    answer = views.confirm_email(token)
    if was_signed_in and not current_user.is_authenticated:  # the link was of another account
        flash(interpolate_foreign_names(gettext(_SIGNED_OUT), name=was_signed_in), "info")
    return answer


def _register() -> ResponseReturnValue:
    """Register, then lead to the welcome questions, and after them to where the reader was going."""
    answer = make_response(views.register())
    if request.method == "POST" and is_redirect_after_valid_form(answer):
        return redirect(url_for("account.welcome", next=own_path(request.form.get("next"))))
    return answer


VIEWS: dict[str, View] = {
    "login": _login,
    "verify": limit_guesses(views.verify),
    "change_password": limit_guesses(views.change_password),
    "register": limit_registering(_register),
    "forgot_password": rate_limit_mail_view(_equalize_mail_timing(views.forgot_password)),
    "send_confirmation": rate_limit_mail_view(_equalize_mail_timing(views.send_confirmation)),
    "confirm_email": limiter.limit("60 per hour", methods=["POST"])(_confirm_email),
    "reset_password": limiter.limit("60 per hour", methods=["POST"])(views.reset_password),
}


def install_views(app: Flask) -> None:
    """Put the views with limits in the place of Flask-Security's own."""
    for name, view in VIEWS.items():
        app.view_functions[f"security.{name}"] = view
