"""Sends what stands in the outbox: claimed by one sender, tried, closed or put off. Each step is durable before the next begins.

A sender that is killed leaves its claim behind, which ends by itself. Killed after the server took the mail and before that was written
down, the mail is sent a second time, under the same Message-ID (docs/decisions/0012-outbox.md).
"""

from datetime import timedelta
from email.utils import parseaddr
from enum import StrEnum
from hashlib import sha256
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

import structlog
from flask_mailman import EmailMessage
from sqlalchemy import case, literal, select, update

from webapp.extensions import db
from webapp.models.outbox import OutboxMail
from webapp.queries.outbox import LONGEST_WAIT, due_condition, stamped_in_future_condition
from webapp.support.clock import now
from webapp.support.idna_address import ascii_address
from webapp.transactions import truncate_wal, unit_of_work

LEASE = timedelta(minutes=5)
"""How long a claim holds: longer than a mail can take while the server answers each of some eight questions within MAIL_TIMEOUT."""

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=9), LONGEST_WAIT)
"""After each failed attempt; the one that follows the last of them, about a day after the first, is the last."""

_MAX_ERROR = 300
_ABANDONED = "abandoned"  # its senders ended before it was sent

log = structlog.get_logger(__name__)


class SendOutcome(StrEnum):
    """What became of an attempt."""

    SENT = "sent"
    PUT_OFF = "put_off"
    GIVEN_UP = "given_up"


def send_one_mail(mail_id: int | None = None) -> SendOutcome | None:
    """Try this mail, or the oldest that is due; None when there is none, or another sender has it. Works in units of work of its own."""
    mail = _claim_one_mail(mail_id)
    if mail is None:
        return None
    if mail.attempts > len(WAITS) + 1:
        return _give_up(mail, _ABANDONED)
    try:
        _send(_message(mail))
    except Exception as error:  # noqa: BLE001 - whatever keeps a mail from going out is written to its row
        return _put_off(mail, _reason(error)) if mail.attempts <= len(WAITS) else _give_up(mail, _reason(error))
    _close(mail)
    return SendOutcome.SENT


def _claim_one_mail(mail_id: int | None) -> OutboxMail | None:
    """Take a mail that is due: before the lease is over nobody else does. One that a clock ahead has stamped counts as written now, as it
    would be due at once after each attempt."""
    moment = now()
    due = due_condition(moment)
    oldest = select(OutboxMail.id).where(due).order_by(OutboxMail.id).limit(1).with_for_update(skip_locked=True)
    wanted = oldest.correlate(None).scalar_subquery() if mail_id is None else mail_id
    written = case((stamped_in_future_condition(moment), literal(moment, OutboxMail.created_at.type)), else_=OutboxMail.created_at)
    stamps = {"not_before": moment + LEASE, "attempts": OutboxMail.attempts + 1, "created_at": written}
    claim = update(OutboxMail).where(OutboxMail.id == wanted, due).values(stamps)
    with unit_of_work():
        return db.session.scalar(claim.returning(OutboxMail), execution_options={"synchronize_session": False, "populate_existing": True})


def _message(mail: OutboxMail) -> EmailMessage:
    message = EmailMessage(mail.subject, mail.body, mail.sender or None, [ascii_address(mail.recipient)])
    # The same at each attempt, so that a server or reader can drop a repeat. Left to the library it would also name this machine,
    # after a look-up that can take seconds.
    domain = parseaddr(message.from_email)[1].rpartition("@")[2] or "localhost"
    message.extra_headers["Message-ID"] = f"<{sha256(f'{mail.key} {mail.created_at.timestamp()}'.encode()).hexdigest()[:40]}@{domain}>"
    return message


def _send(message: EmailMessage) -> None:
    with message.get_connection():  # left to the library, a failure would leave it open
        message.send()


def _put_off(mail: OutboxMail, reason: str) -> SendOutcome:
    log.warning("mail_put_off", mail_id=mail.id, attempts=mail.attempts, reason=reason)
    _update_claimed_mail(mail, {"not_before": now() + WAITS[mail.attempts - 1], "error": reason})
    return SendOutcome.PUT_OFF


def _give_up(mail: OutboxMail, reason: str) -> SendOutcome:
    log.error("mail_given_up", mail_id=mail.id, attempts=mail.attempts, reason=reason)
    _close(mail, reason)
    return SendOutcome.GIVEN_UP


def _close(mail: OutboxMail, error: str = "") -> None:
    """Its words may hold a way into an account, so they go with its address."""
    _update_claimed_mail(mail, {"recipient": "", "sender": "", "subject": "", "body": "", "closed_at": now(), "error": error})
    if mail.user_id is None:
        truncate_wal()  # a person who is erased already: of the address nothing stays there either


def _update_claimed_mail(mail: OutboxMail, values: dict[str, Any]) -> None:
    """Unless the claim ended meanwhile and another sender has it."""
    own = (OutboxMail.id == mail.id, OutboxMail.attempts == mail.attempts, OutboxMail.closed_at.is_(None))
    with unit_of_work():
        db.session.execute(update(OutboxMail).where(*own).values(values).execution_options(synchronize_session=False))


def _reason(error: Exception) -> str:
    """What went wrong, without the words of the server: they may name the recipient."""
    detail = ""
    if isinstance(error, SMTPResponseException):
        detail = str(error.smtp_code)
    elif isinstance(error, SMTPRecipientsRefused):
        detail = " ".join(sorted({str(code) for code, _words in error.recipients.values()}))
    elif isinstance(error, OSError):
        detail = error.strerror or ""
    return f"{type(error).__name__} {detail}".strip()[:_MAX_ERROR]
