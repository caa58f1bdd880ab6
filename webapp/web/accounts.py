"""Accounts on Flask-Security: its flows, our forms, words, storage and mail."""

from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, after_this_request, flash, request
from flask_principal import identity_loaded  # type: ignore[import-untyped]
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.mail_util import EmailValidateException, MailUtil
from flask_security.password_util import PasswordUtil
from flask_security.signals import (
    password_reset,
    reset_password_instructions_sent,
    user_authenticated,
    user_confirmed,
    user_registered,
)

from webapp.extensions import db, security
from webapp.models.user import Role, User
from webapp.queries.accounts import account_by_email, profile_view
from webapp.services.accounts import (
    account_of_repeated_registration,
    canonical_email,
    deliverable_email,
    mark_address_confirmed,
    note_sign_in,
    register,
    validated_email,
)
from webapp.services.errors import Invalid
from webapp.services.mail import post_mail
from webapp.services.passwords import hash_password, normalize_password, password_problems
from webapp.services.sessions import end_sessions
from webapp.support.clock import now
from webapp.support.messages import gettext, lazy_gettext
from webapp.web.account_forms import FORMS
from webapp.web.account_mail import link_expiry_times, send_welcome
from webapp.web.kept_input import ask_to_sign_in, carried_input, init_kept_input
from webapp.web.known_devices import remember_device
from webapp.web.security_messages import MESSAGES, SUBJECTS
from webapp.web.security_views import install_views
from webapp.web.sessions import init_sessions
from webapp.web.theme import COOKIE, remember_theme
from webapp.web.visit import forget_opened_courses

# OWASP's password storage advice, one step above its minimum: 46 MiB, two passes.
_ARGON2ID = {"argon2__type": "ID", "argon2__memory_cost": 47104, "argon2__rounds": 2, "argon2__parallelism": 1}
_ARGON2ID_FOR_TESTS = {"argon2__type": "ID", "argon2__memory_cost": 64, "argon2__rounds": 1, "argon2__parallelism": 1}

_CHANGE_NOTICE = "security/email/change_notice"

_SETTINGS: dict[str, Any] = {
    "REGISTERABLE": True,
    "RECOVERABLE": True,
    "CONFIRMABLE": True,
    "CHANGEABLE": True,
    # People get in at once and are reminded: a mail that comes late must not cost the first lesson.
    "LOGIN_WITHOUT_CONFIRMATION": True,
    "SEND_REGISTER_EMAIL": False,  # account_mail writes it: its words depend on whether the address has an account already
    "RETURN_GENERIC_RESPONSES": True,
    "LOGIN_URL": "/login",
    "LOGOUT_URL": "/logout",
    "LOGOUT_METHODS": ["POST"],
    "REGISTER_URL": "/register",
    "RESET_URL": "/reset",
    "CONFIRM_URL": "/confirm",
    "CHANGE_URL": "/my/profile/password",
    "POST_REGISTER_VIEW": "/welcome",
    "POST_CONFIRM_VIEW": "/",
    "POST_CHANGE_VIEW": "/my/profile",
    "RESET_PASSWORD_WITHIN": timedelta(hours=2),
    "CONFIRM_EMAIL_WITHIN": timedelta(days=5),
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_CONFIRM_REQUIRED": False,
    # Inside signed links, to notice that address or password changed; both are no secrets to guess there. The default takes a
    # second, and only for addresses with an account: whoever asks for a reset could tell them by the time.
    "HASHING_SCHEMES": ["hex_sha256"],
    "DEPRECATED_HASHING_SCHEMES": [],
    "JOIN_USER_ROLES": False,
    "USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": canonical_email, "case_insensitive": False}}],
    "DATETIME_FACTORY": now,
    "EMAIL_HTML": False,
    "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "CLI_USERS_NAME": False,
    "CLI_ROLES_NAME": False,
    "STATIC_FOLDER": None,
}


class Datastore(SQLAlchemyUserDatastore):
    """Flask-Security's store, except that services create and the unit of work commits, not it."""

    def commit(self) -> None:
        """Make the changes visible to the rest of the request."""
        db.session.flush()

    def find_user(self, case_insensitive: bool = False, **by: Any) -> User | None:
        """The account of an address is the one that has confirmed it, else the oldest that waits to."""
        if "email" in by:
            return account_by_email(canonical_email(by["email"] or ""))
        return cast(User | None, super().find_user(case_insensitive, **by))

    def set_uniquifier(self, user: User, uniquifier: str | None = None) -> None:  # type: ignore[override]
        """Give the account a new uniquifier, as when its password changes: links in mail and every session end."""
        super().set_uniquifier(user, uniquifier)
        end_sessions(user.id)

    def create_user(self, **fields: Any) -> User:
        """A registration; the password arrives hashed, and as it was typed with the form. A form that is sent twice makes one account."""
        typed = normalize_password(request.form.get("password", ""))
        again = account_of_repeated_registration(fields["email"], fields["name"], typed)
        return again or register(fields["email"], fields["name"], fields["password"])


class Mailer(MailUtil):
    """One spelling of each address; mail leaves once the unit of work is durable."""

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: str | None, html: str | None, **context: Any
    ) -> None:
        """Hand a rendered message over; the owner of an address is not told of accounts that only wait for it."""
        user = context.get("user")
        if template == _CHANGE_NOTICE and user is not None and user.confirmed_at is None:
            return
        post_mail(str(recipient), str(subject), body or "", str(sender), user_id=None if user is None else user.id)

    def normalize(self, email: str) -> str:
        """The address as accounts keep it."""
        try:
            return validated_email(email)
        except Invalid as error:
            raise EmailValidateException(str(error)) from None

    def validate(self, email: str) -> str:
        """The same for an address that mail is to be sent to; whether it arrives is seen then."""
        try:
            return deliverable_email(email)
        except Invalid as error:
            raise EmailValidateException(str(error)) from None


class Passwords(PasswordUtil):
    """Our rules for passwords."""

    def normalize(self, password: str) -> str:
        """One form for characters that look the same."""
        return normalize_password(password)

    def validate(self, password: str, is_register: bool, **who: Any) -> tuple[list[str] | None, str]:
        """What is wrong with it (None when nothing), and its normal form."""
        user = who.get("user")
        own = (who.get("email"), who.get("name")) if is_register else (getattr(user, "email", None), getattr(user, "name", None))
        return password_problems(password, *own) or None, normalize_password(password)


def init_accounts(app: Flask) -> None:
    """Configure sign-in, registration, confirmation, reset and change of passwords."""
    app.config.update({f"SECURITY_{key}": value for key, value in _SETTINGS.items()})
    app.config.update({f"SECURITY_MSG_{key}": (lazy_gettext(text), kind) for key, (text, kind) in MESSAGES.items()})
    app.config.update({f"SECURITY_EMAIL_SUBJECT_{key}": lazy_gettext(text) for key, text in SUBJECTS.items()})
    app.config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = _ARGON2ID_FOR_TESTS if app.testing else _ARGON2ID
    app.config.setdefault("MAIL_TIMEOUT", 10)
    security._mail_util_cls, security._password_util_cls = Mailer, Passwords
    security.init_app(app, Datastore(db, User, Role), **FORMS)  # type: ignore[arg-type]
    # Pages only: no JSON sign-in, so no bearer tokens that nothing here would ever end.
    security.want_json(lambda _request: False)
    security.unauthn_handler(lambda *_args, **_kwargs: ask_to_sign_in())
    _leave_permissions_to_policies(app)
    security.login_context_processor(lambda: {"kept": carried_input()})
    security.mail_context_processor(link_expiry_times)
    init_sessions(app)
    init_kept_input(app)
    install_views(app)
    user_registered.connect(_on_registered, app)
    user_confirmed.connect(_on_address_proven, app)
    user_authenticated.connect(_on_signed_in, app)
    password_reset.connect(_on_address_proven, app)
    reset_password_instructions_sent.connect(_equalize_timing, app)


def _leave_permissions_to_policies(app: Flask) -> None:
    """Switch off Flask-Security's own permissions, for which it would load the account before every request and nothing here asks.

    The account is loaded when `current_user` is first looked at, and not for pictures and style sheets.
    """
    security.principal.identity_loaders.clear()
    for receiver in list(identity_loaded.receivers_for(app)):
        identity_loaded.disconnect(receiver, app)


def _on_signed_in(_app: Flask, user: User, authn_via: list[str] | None = None, **_more: Any) -> None:
    note_sign_in(user)
    forget_opened_courses()
    if authn_via == ["password"]:
        remember_device(user.id)
    if user.confirmed_at is None and authn_via == ["password"]:
        flash(
            gettext("Your e-mail address is not confirmed yet. Without that you could not get back in after forgetting your password."),
            "info",
        )
    if COOKIE not in request.cookies:
        _restore_theme(user)


def _restore_theme(user: User) -> None:
    theme = profile_view(user.id).theme

    @after_this_request
    def remember(response: Response) -> Response:
        return remember_theme(response, theme) if theme != "auto" else response


def _on_registered(_app: Flask, user: User, confirmation_token: str, **_more: Any) -> None:
    send_welcome(user, confirmation_token)


def _on_address_proven(_app: Flask, user: User, **_more: Any) -> None:
    """After a mailed link was followed: confirm the address, and let its owner sign in here although guesses from elsewhere have locked
    the account."""
    mark_address_confirmed(user)
    remember_device(user.id)


def _equalize_timing(_app: Flask, **_more: Any) -> None:
    """Hash something where there is an account, as Flask-Security does where there is none: the time of the answer tells nothing."""
    hash_password("nobody's")
