"""What is written to an address somebody has registered with: to confirm it, or that it has an account already."""

from datetime import timedelta

from flask import current_app, render_template
from flask_security.recoverable import generate_reset_link
from flask_security.utils import url_for_security

from webapp.models.user import User
from webapp.queries.accounts import account_by_email
from webapp.services.accounts import address_is_claimed
from webapp.services.mail import post_mail
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.web.security_messages import SUBJECTS


def link_expiry_times() -> dict[str, str]:
    """Until when links work that are made now, for templates of mail: it may wait in the outbox for hours before it is read."""
    return {"reset_until": _end_of("RESET_PASSWORD_WITHIN"), "confirm_until": _end_of("CONFIRM_EMAIL_WITHIN")}


def _end_of(setting: str) -> str:
    within: timedelta = current_app.config[f"SECURITY_{setting}"]
    end = now() + within
    return f"{end:%b} {end.day}, {end:%Y, %H:%M} UTC"  # as pages write it


def send_welcome(user: User, confirmation_token: str) -> None:
    """The first message to a new account. Only who reads the mailbox learns whether there was an account before."""
    if not user.email:
        return
    if address_is_claimed(user):
        send_already_registered(user)
        return
    link = url_for_security("confirm_email", token=confirmation_token, _external=True)
    body = render_template("security/email/welcome.txt", confirmation_link=link, **link_expiry_times())
    post_mail(user.email, gettext(SUBJECTS["REGISTER"]), body, user_id=user.id, key=f"welcome:{user.id}")


def send_already_registered(waiting: User) -> None:
    """Mail the owner of an account that somebody has registered with its address, with the way back in; once for each account that waits
    for the address, however often it asks."""
    owner = account_by_email(waiting.email) if waiting.email else None
    if owner is None or not owner.email:
        return
    link, _token = generate_reset_link(owner)  # type: ignore[no-untyped-call]
    sign_in = url_for_security("login", _external=True)
    body = render_template("security/email/welcome_existing.txt", reset_link=link, sign_in_link=sign_in, **link_expiry_times())
    # SQLite gives the number of an account that was erased to the next one: the moment tells the two apart.
    key = f"already:{waiting.id}:{waiting.created_at.timestamp()}"
    post_mail(owner.email, gettext(SUBJECTS["REGISTER"]), body, user_id=owner.id, key=key)
