"""The forms of sign-in, registration and passwords, in Waymark's words on Flask-Security's forms."""

from typing import Any

from flask_login import current_user
from flask_security.forms import (
    ChangePasswordForm,
    EmailValidation,
    ForgotPasswordForm,
    Form,
    LoginForm,
    RegisterFormV2,
    ResetPasswordForm,
    SendConfirmationForm,
    VerifyForm,
    valid_user_email,
)
from flask_security.utils import get_message
from wtforms import BooleanField, EmailField, PasswordField, ValidationError
from wtforms.validators import InputRequired

from webapp.models.user import User
from webapp.queries.accounts import accounts_of_email
from webapp.services.accounts import address_is_claimed, canonical_email, normalize_name
from webapp.services.errors import Invalid
from webapp.services.passwords import MIN_LENGTH, hash_password, normalize_password, password_matches
from webapp.support.messages import gettext, lazy_gettext, ngettext
from webapp.web.account_mail import send_already_registered
from webapp.web.fields import LineField
from webapp.web.guess_limits import accounts_to_try
from webapp.web.redirects import own_path
from webapp.web.sessions import session_limits

_NO_ADDRESS = lazy_gettext("Enter your e-mail address.")
_NO_PASSWORD = lazy_gettext("Enter your password.")
_PASSWORDS_TRIED = 2  # of the account that has confirmed the address, and of the oldest that waits to
_PASSWORD_HINT = lazy_gettext("At least %(num)s characters; a short sentence works well.", num=MIN_LENGTH)


def _email_field(*checks: Any) -> EmailField:
    return EmailField(
        lazy_gettext("E-mail address"),
        [InputRequired(_NO_ADDRESS), EmailValidation(verify=True), *checks],
        render_kw={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "maxlength": 254},
    )


def _password_field(label: str = lazy_gettext("Password")) -> PasswordField:
    return PasswordField(label, [InputRequired(_NO_PASSWORD)], render_kw={"autocomplete": "current-password"})


def _new_password_field(label: str = lazy_gettext("Password")) -> PasswordField:
    return PasswordField(
        label,
        [InputRequired(lazy_gettext("Choose a password."))],
        description=_PASSWORD_HINT,
        render_kw={"autocomplete": "new-password", "minlength": MIN_LENGTH},
    )


class SafeNextMixin:
    """A `next` that leads elsewhere is forgotten instead of refused: nobody typed it."""

    def validate_next(self, field: Any) -> None:
        """Keep paths of this site only."""
        field.data = own_path(field.data) or ""


class SignInForm(SafeNextMixin, LoginForm):
    """The sign-in form: address and password."""

    email = EmailField(
        lazy_gettext("E-mail address"),
        [InputRequired(_NO_ADDRESS), EmailValidation(verify=False)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = _password_field()
    remember = BooleanField(lazy_gettext("Stay signed in on this device"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""  # Flask-Security puts a link here, the page has its own
        days = session_limits().remembered.days
        self.remember.label.text = ngettext(
            "Stay signed in on this device for %(num)s day", "Stay signed in on this device for %(num)s days", days
        )

    def validate(self, **kwargs: Any) -> bool:
        """Whether an account with this address has this password; every refusal takes as long and says the same."""
        if not super(LoginForm, self).validate(**kwargs):
            return False
        self.ifield = self.email
        self.user = _authenticate(self.email.data or "", self.password.data or "")
        if self.user is None or not self.user.active:
            self.password.errors.append(get_message("INVALID_PASSWORD")[0])
            return False
        return True


def _authenticate(address: str, password: str) -> User | None:
    """The account of this address whose password this is. Each try costs two hashes, so that time does not tell how many there are."""
    plain, only = normalize_password(password), accounts_to_try()
    candidates = [user for user in accounts_of_email(canonical_email(address), limit=_PASSWORDS_TRIED) if only is None or user.id in only]
    for place in range(_PASSWORDS_TRIED):
        user = candidates[place] if place < len(candidates) else None
        if user is None or not user.password:
            hash_password(plain)
        elif user.verify_and_update_password(plain):
            return user
    return None


class RegisterForm(SafeNextMixin, RegisterFormV2):
    """Name, address, password: nothing else is needed to begin."""

    name = LineField(
        lazy_gettext("Name"),
        [InputRequired(lazy_gettext("Tell us what to call you."))],
        description=lazy_gettext("What we call you."),
        render_kw={"autocomplete": "name"},
    )
    email = _email_field()
    password = _new_password_field()

    def validate_name(self, field: Any) -> None:
        """One line, not too long."""
        try:
            field.data = normalize_name(field.data or "")
        except Invalid as error:
            raise ValidationError(str(error)) from None


class ForgotForm(ForgotPasswordForm):
    """The address a reset link goes to."""

    email = _email_field(valid_user_email)


def _own_or_valid_email(form: Any, field: Any) -> None:
    """Who is signed in asks for their own account, though another may wait for the same address."""
    own = current_user if current_user.is_authenticated and current_user.email == field.data else None
    if own is None:
        valid_user_email(form, field)
    elif address_is_claimed(own):
        send_already_registered(own)
        raise ValidationError("claimed")  # the view says the same to everybody
    else:
        form.user = own._get_current_object()


class ConfirmationForm(SendConfirmationForm):
    """The address to be confirmed."""

    email = _email_field(_own_or_valid_email)


class ResetForm(ResetPasswordForm):
    """A new password, typed once: what was typed can be looked at, and forgetting it costs one more mail."""

    password = _new_password_field(lazy_gettext("New password"))
    password_confirm = None


class NewPasswordForm(ChangePasswordForm):
    """The password there is, and the one there shall be."""

    password = _password_field(lazy_gettext("Current password"))
    new_password = _new_password_field(lazy_gettext("New password"))
    new_password_confirm = None


class ReauthenticationForm(SafeNextMixin, VerifyForm):
    """The password once more, before something that matters."""

    password = _password_field()


class OwnPasswordForm(Form):
    """The password of whoever is signed in, for what cannot be undone."""

    password = _password_field(lazy_gettext("Your password"))

    def validate_password(self, field: Any) -> None:
        """Refuse a wrong password."""
        if not password_matches(field.data or "", current_user.password):
            raise ValidationError(gettext("This is not your password."))


FORMS = {
    "login_form": SignInForm,
    "register_form": RegisterForm,
    "forgot_password_form": ForgotForm,
    "send_confirmation_form": ConfirmationForm,
    "reset_password_form": ResetForm,
    "change_password_form": NewPasswordForm,
    "verify_form": ReauthenticationForm,
}
