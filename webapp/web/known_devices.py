"""Devices an account has signed in from before: a signed cookie, so that guessing from elsewhere locks out nobody at home.

https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

import secrets

from flask import Response, after_this_request, request
from itsdangerous import BadSignature

from webapp.web.cookies import keep_cookie
from webapp.web.signed_values import signed, signed_value

COOKIE = "device"
_PURPOSE = "known-device"
_LIFETIME = 365 * 24 * 3600
_MOST_ACCOUNTS = 8


def known_accounts() -> dict[int, str]:
    """The accounts that have signed in from this device, and the random name each has given it."""
    try:
        stored = signed_value(request.cookies.get(COOKIE, ""), _PURPOSE, _LIFETIME)
    except BadSignature:
        return {}
    pairs = stored if isinstance(stored, list) else []
    return {pair[0]: pair[1] for pair in pairs if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], int)}


def remember_device(user_id: int) -> None:
    """The account's owner has been here: with the answer the device gets, or renews, its cookie."""
    known = known_accounts()
    name = known.pop(user_id, None) or secrets.token_urlsafe(12)
    newest = [*known.items(), (user_id, name)][-_MOST_ACCOUNTS:]
    value = signed(newest, _PURPOSE)

    @after_this_request
    def set_cookie(response: Response) -> Response:
        return keep_cookie(response, COOKIE, value, _LIFETIME)
