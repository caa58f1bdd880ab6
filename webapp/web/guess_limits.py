"""Limits on guessing: each attempt is counted before it is looked at, and given back when it turns out to be right.

Counted afterwards, attempts sent at the same moment would all pass. Keys are made of the address as accounts keep it, so that no
other spelling of it has a count of its own; the store holds no addresses.
"""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import structlog
from flask import Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from webapp.extensions import client_network, limiter
from webapp.queries.accounts import accounts_of_email
from webapp.services.accounts import canonical_email
from webapp.support.messages import gettext
from webapp.web.known_devices import known_accounts

log = structlog.get_logger(__name__)

View = Callable[..., ResponseReturnValue]

_PER_ACCOUNT = parse("10 per 15 minutes")
_PER_DEVICE = parse("10 per 15 minutes")
_PER_NETWORK = parse("30 per 5 minutes")
own_counts = FixedWindowRateLimiter(MemoryStorage())
"""Counts of this process, for times when the store fails."""


class TooManyGuesses(TooManyRequests):
    """Guessing has come to an end for a while; whoever reads the mailbox need not wait."""

    def __init__(self, seconds: int, by_mail: bool) -> None:
        super().__init__(retry_after=seconds)
        self.advice = ""
        if by_mail:
            self.advice = gettext("Or have a new password set by mail, under “Forgot your password?”: that lets you in at once.")


@dataclass(frozen=True, slots=True)
class GuessCounter:
    """A count that this request has been added to."""

    limit: RateLimitItem
    key: str

    def reserve(self) -> bool:
        """Count the guess; whether it was still within the limit. While the store fails, this process counts for itself."""
        try:
            return bool(limiter.limiter.hit(self.limit, self.key, request.endpoint or ""))
        except _store_error_types():
            log.exception("limit_store_failed")
            return own_counts.hit(self.limit, self.key, request.endpoint or "")

    def give_back(self) -> None:
        """Take back a count: it was no guess."""
        try:
            key = self.limit.key_for(self.key, request.endpoint or "")
            if limiter.storage.get(key) > 0:  # the window may have ended meanwhile
                limiter.storage.incr(key, self.limit.get_expiry(), -1)
        except _store_error_types():
            log.exception("limit_store_failed")

    def seconds_left(self) -> int:
        """How long until the count starts anew."""
        try:
            return max(1, int(limiter.limiter.get_window_stats(self.limit, self.key, request.endpoint or "").reset_time - time.time()))
        except _store_error_types():
            return 60


def account_key() -> str:
    """The account whose address the form names, else the one that is signed in, else the network."""
    return _address_key(_form_address() or _signed_in_address())


def _guessed_address() -> str:
    """The address of the account whose password is tried: whoever is signed in is asked for their own, whatever else a form names."""
    return _signed_in_address() or _form_address()


def _form_address() -> str:
    return canonical_email(request.form.get("email", ""))


def _signed_in_address() -> str:
    return str(current_user.email) if current_user.is_authenticated else ""


def _address_key(address: str) -> str:
    return "account:" + _digest(address) if address else f"address:{client_network()}"


def limit_guesses(view: View) -> View:
    """Ten wrong guesses for one account, thirty from one network, then a pause of minutes; ten more on a device its owner has used."""

    def attempts() -> list[GuessCounter]:
        return [GuessCounter(_PER_NETWORK, f"network:{client_network()}"), GuessCounter(_PER_ACCOUNT, _address_key(_guessed_address()))]

    return count_posts(attempts, lambda answer: not is_redirect_after_valid_form(answer))(view)


def is_redirect_after_valid_form(answer: Response) -> bool:
    """Whether the form was taken: what is wrong is shown again instead."""
    return answer.status_code == 302


def count_posts(attempts: Callable[[], list[GuessCounter]], counts: Callable[[Response], bool]) -> Callable[[View], View]:
    """Count each POST under all of these, and take back what turns out not to count."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if request.method != "POST" or not (limiter.enabled and limiter.initialized):
                return view(*args, **kwargs)
            reserved = _reserve_guess_counters(attempts())
            answer = make_response(view(*args, **kwargs))
            if not counts(answer):
                for attempt in reserved:
                    attempt.give_back()
            return answer

        return wrapped

    return decorate


def accounts_to_try() -> frozenset[int] | None:
    """The accounts a sign-in may try: None for any, those known to this device where only it is let through."""
    only: frozenset[int] | None = g.get("accounts_to_try")
    return only


def _reserve_guess_counters(attempts: list[GuessCounter]) -> list[GuessCounter]:
    refused = [attempt for attempt in attempts if not attempt.reserve()]
    if not refused:
        return attempts
    device = _own_device_counter()
    if device is not None and device.reserve():
        return [device, *(attempt for attempt in attempts if attempt not in refused)]
    wait = max(attempt.seconds_left() for attempt in (refused if device is None else [device]))
    raise TooManyGuesses(wait, request.endpoint == "security.login")


def _own_device_counter() -> GuessCounter | None:
    """The count of this device for an account that has signed in from it; then no other account is tried."""
    known = known_accounts()
    address = _guessed_address()
    if not known or not address:
        return None
    here = sorted(user.id for user in accounts_of_email(address) if user.id in known)
    if not here:
        return None
    g.accounts_to_try = frozenset(here)
    return GuessCounter(_PER_DEVICE, f"device:{_digest(' '.join(known[user_id] for user_id in here))}")


def _digest(text: str) -> str:
    return hmac.new(str(current_app.secret_key).encode(), text.encode(), "sha256").hexdigest()[:24]


def _store_error_types() -> tuple[type[Exception], ...]:
    base = limiter.storage.base_exceptions
    return (StorageError, *(base if isinstance(base, tuple) else (base,)))
