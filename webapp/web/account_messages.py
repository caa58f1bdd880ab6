"""What the account pages say, in place of Flask-Security's sentences."""

MESSAGES: dict[str, tuple[str, str]] = {
    "GENERIC_AUTHN_FAILED": ("E-mail address and password do not fit together. Check both and try once more.", "error"),
    "GENERIC_RECOVERY": ("If there is an account with that address, a message with a link is on its way to it.", "info"),
    "PASSWORD_RESET_REQUEST": (
        "If %(email)s has an account, a message with a link is on its way. It works for two hours.",
        "info",
    ),
    "CONFIRM_REGISTRATION": ("We have sent a message to %(email)s. Please follow its link when you find a moment.", "success"),
    "CONFIRMATION_REQUEST": ("If %(email)s waits to be confirmed, a message with a link is on its way.", "info"),
    "EMAIL_CONFIRMED": ("Thank you, your e-mail address is confirmed.", "success"),
    "ALREADY_CONFIRMED": ("This e-mail address is confirmed already.", "info"),
    "INVALID_CONFIRMATION_TOKEN": ("This link does not work any more. Ask for a new one below.", "error"),
    "CONFIRMATION_EXPIRED": ("This link is older than %(within)s. Ask for a new one below.", "error"),
    "INVALID_RESET_PASSWORD_TOKEN": ("This link has been used or does not work. Ask for a new one below.", "error"),
    "PASSWORD_RESET_EXPIRED": ("This link is older than %(within)s. Ask for a new one below.", "error"),
    "PASSWORD_RESET_NO_LOGIN": ("Your new password is set, and every session has been ended. Sign in with it now.", "success"),
    "PASSWORD_CHANGE": ("Your password is changed. Other devices have been signed out.", "success"),
    "PASSWORD_IS_THE_SAME": ("This is the password you have already.", "error"),
    "INVALID_PASSWORD": ("This is not your password.", "error"),
    "PASSWORD_NOT_PROVIDED": ("Enter your password.", "error"),
    "EMAIL_NOT_PROVIDED": ("Enter your e-mail address.", "error"),
    "INVALID_EMAIL_ADDRESS": ("This is not an e-mail address. It looks like name@example.com.", "error"),
    "UNAUTHENTICATED": ("Please sign in first.", "info"),
    "ANONYMOUS_USER_REQUIRED": ("You are signed in already.", "info"),
    "REAUTHENTICATION_REQUIRED": ("Please enter your password once more.", "info"),
    "REAUTHENTICATION_SUCCESSFUL": ("Thank you.", "info"),
    "DISABLED_ACCOUNT": ("This account is suspended. Write to us if you think that is a mistake.", "error"),
}

SUBJECTS: dict[str, str] = {
    "REGISTER": "Welcome to Waymark: please confirm your address",
    "CONFIRM": "Please confirm your address for Waymark",
    "PASSWORD_RESET": "Set a new password for Waymark",
    "PASSWORD_NOTICE": "Your Waymark password has been reset",
    "PASSWORD_CHANGE_NOTICE": "Your Waymark password has been changed",
}
