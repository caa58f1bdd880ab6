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
    unique_user_email,
    valid_user_email,
)
from wtforms import BooleanField, EmailField, PasswordField, ValidationError
from wtforms.validators import InputRequired

from webapp.services.accounts import normalize_name
from webapp.services.errors import Invalid
from webapp.services.passwords import MIN_LENGTH, password_matches
from webapp.web.fields import LineField
from webapp.web.redirects import own_path

_NO_ADDRESS = "Enter your e-mail address."
_NO_PASSWORD = "Enter your password."  # noqa: S105 - a sentence, not a password
_PASSWORD_HINT = f"At least {MIN_LENGTH} characters; a short sentence works well."


def _address(*checks: Any) -> EmailField:
    return EmailField(
        "E-mail address",
        [InputRequired(_NO_ADDRESS), EmailValidation(verify=True), *checks],
        render_kw={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "maxlength": 254},
    )


def _password(label: str = "Password") -> PasswordField:
    return PasswordField(label, [InputRequired(_NO_PASSWORD)], render_kw={"autocomplete": "current-password"})


def _new_password(label: str = "Password") -> PasswordField:
    return PasswordField(
        label,
        [InputRequired("Choose a password.")],
        description=_PASSWORD_HINT,
        render_kw={"autocomplete": "new-password", "minlength": MIN_LENGTH},
    )


class OwnNext:
    """A `next` that leads elsewhere is forgotten instead of refused: nobody typed it."""

    def validate_next(self, field: Any) -> None:
        """Keep paths of this site only."""
        field.data = own_path(field.data) or ""


class SignInForm(OwnNext, LoginForm):
    """Address and password."""

    email = EmailField(
        "E-mail address",
        [InputRequired(_NO_ADDRESS), EmailValidation(verify=False)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = _password()
    remember = BooleanField("Stay signed in on this device for 30 days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""  # Flask-Security puts a link here, the page has its own


class RegisterForm(OwnNext, RegisterFormV2):
    """Name, address, password: nothing else is needed to begin."""

    name = LineField(
        "Name",
        [InputRequired("Tell us what to call you.")],
        description="What we call you.",
        render_kw={"autocomplete": "name"},
    )
    email = _address(unique_user_email)
    password = _new_password()

    def validate_name(self, field: Any) -> None:
        """One line, not too long."""
        try:
            field.data = normalize_name(field.data or "")
        except Invalid as error:
            raise ValidationError(str(error)) from None


class ForgotForm(ForgotPasswordForm):
    """The address a reset link goes to."""

    email = _address(valid_user_email)


class ConfirmationForm(SendConfirmationForm):
    """The address to be confirmed."""

    email = _address(valid_user_email)


class ResetForm(ResetPasswordForm):
    """A new password, typed once: what was typed can be looked at, and forgetting it costs one more mail."""

    password = _new_password("New password")
    password_confirm = None


class NewPasswordForm(ChangePasswordForm):
    """The password there is, and the one there shall be."""

    password = _password("Current password")
    new_password = _new_password("New password")
    new_password_confirm = None


class AgainForm(OwnNext, VerifyForm):
    """The password once more, before something that matters."""

    password = _password()


class OwnPasswordForm(Form):
    """The password of whoever is signed in, for what cannot be undone."""

    password = _password("Your password")

    def validate_password(self, field: Any) -> None:
        """It has to be the right one."""
        if not password_matches(field.data or "", current_user.password):
            raise ValidationError("This is not your password.")


FORMS = {
    "login_form": SignInForm,
    "register_form": RegisterForm,
    "forgot_password_form": ForgotForm,
    "send_confirmation_form": ConfirmationForm,
    "reset_password_form": ResetForm,
    "change_password_form": NewPasswordForm,
    "verify_form": AgainForm,
}
