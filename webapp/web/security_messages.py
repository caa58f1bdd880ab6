"""What the account pages say, in place of Flask-Security's sentences. They are looked up when they are said."""

from webapp.support.messages import N_

MESSAGES: dict[str, tuple[str, str]] = {
    "GENERIC_AUTHN_FAILED": (N_("E-mail address and password do not fit together. Check both and try once more."), "error"),
    "GENERIC_RECOVERY": (N_("If there is an account with that address, a message with a link is on its way to it."), "info"),
    "PASSWORD_RESET_REQUEST": (
        N_("If %(email)s has an account, a message with a link is on its way. It works for two hours."),
        "info",
    ),
    "CONFIRM_REGISTRATION": (N_("We have sent a message to %(email)s. Please follow its link when you find a moment."), "success"),
    "CONFIRMATION_REQUEST": (N_("If %(email)s waits to be confirmed, a message with a link is on its way."), "info"),
    "EMAIL_CONFIRMED": (N_("Thank you, your e-mail address is confirmed."), "success"),
    "ALREADY_CONFIRMED": (N_("This e-mail address is confirmed already."), "info"),
    "INVALID_CONFIRMATION_TOKEN": (N_("This link does not work any more. Ask for a new one below."), "error"),
    "CONFIRMATION_EXPIRED": (N_("This link is older than %(within)s. Ask for a new one below."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (N_("This link has been used or does not work. Ask for a new one below."), "error"),
    "PASSWORD_RESET_EXPIRED": (N_("This link is older than %(within)s. Ask for a new one below."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (N_("Your new password is set, and every session has been ended. Sign in with it now."), "success"),
    "PASSWORD_CHANGE": (N_("Your password is changed. Other devices have been signed out."), "success"),
    "PASSWORD_IS_THE_SAME": (N_("This is the password you have already."), "error"),
    "INVALID_PASSWORD": (N_("This is not your password."), "error"),
    "PASSWORD_NOT_PROVIDED": (N_("Enter your password."), "error"),
    "EMAIL_NOT_PROVIDED": (N_("Enter your e-mail address."), "error"),
    "INVALID_EMAIL_ADDRESS": (N_("This is not an e-mail address. It looks like name@example.com."), "error"),
    "UNAUTHENTICATED": (N_("Please sign in first."), "info"),
    "ANONYMOUS_USER_REQUIRED": (N_("You are signed in already."), "info"),
    "REAUTHENTICATION_REQUIRED": (N_("Please enter your password once more."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (N_("Thank you."), "info"),
    "DISABLED_ACCOUNT": (N_("This account is suspended. Write to us if you think that is a mistake."), "error"),
}

SUBJECTS: dict[str, str] = {
    "REGISTER": N_("Welcome to Waymark: please confirm your address"),
    "CONFIRM": N_("Please confirm your address for Waymark"),
    "PASSWORD_RESET": N_("Set a new password for Waymark"),
    "PASSWORD_NOTICE": N_("Your Waymark password has been reset"),
    "PASSWORD_CHANGE_NOTICE": N_("Your Waymark password has been changed"),
}
