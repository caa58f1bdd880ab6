"""Mail is stored with what it speaks of, and goes out once that is durable; outside the answer's way where a server has to be asked."""

import re
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask_mailman import EmailMessage

from webapp.background import run_in_own_context
from webapp.extensions import db
from webapp.models.outbox import OutboxMail
from webapp.services.insert_on_conflict import insert_for
from webapp.services.outbox import send_one_mail
from webapp.support.clock import now
from webapp.support.idna_address import ascii_address
from webapp.transactions import after_commit

_FILES = "*.log"  # as flask-mailman names them
_MAX_SUBJECT = 255

# One thread: a slow mail server delays mail, not pages, and the time an answer takes does not tell whether mail was sent.
_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def post_mail(to: str, subject: str, body: str, sender: str = "", *, user_id: int | None = None, key: str | None = None) -> None:
    """Store a plain-text message in the unit of work; it is sent once that has been committed, and goes with what is rolled back.

    `user_id` names whose account it is about: erased before it is sent, the mail goes too. `key` says what is told whom, without an
    address, where a repeat must do no harm: a second mail of the same key is not stored, within the 30 days keys are kept.
    """
    line = " ".join(subject.split())[:_MAX_SUBJECT]
    mail_id = _store(key or uuid4().hex, user_id=user_id, recipient=to, sender=sender, subject=line, body=body.strip() + "\n")
    if mail_id is not None:
        after_commit(partial(_send, mail_id))


def post_dummy_mail() -> None:
    """Write what a mail would: the time an answer takes then does not tell whether an address has an account."""
    _store(uuid4().hex, closed_at=now())


def _store(key: str, **columns: Any) -> int | None:
    row = insert_for(OutboxMail).values(key=key, **columns).on_conflict_do_nothing(index_elements=["key"])
    mail_id: int | None = db.session.scalar(row.returning(OutboxMail.id))
    return mail_id


def _send(mail_id: int) -> None:
    """Try the mail at once; what fails or does not come to it is left to the job."""
    asks_server = "smtp" in type(EmailMessage().get_connection()).__module__
    run_in_own_context(partial(send_one_mail, mail_id), _sender if asks_server else None)


def remove_mail_of(address: str) -> None:
    """Remove, where mail is written to files, those to or about an address; a file holds one message."""
    folder = getattr(EmailMessage().get_connection(), "file_path", None)
    for path in Path(folder).glob(_FILES) if folder else ():
        if _mail_mentions_address(path.read_bytes(), address):
            path.unlink(missing_ok=True)


def _mail_mentions_address(message: bytes, address: str) -> bool:
    """Whether a message names the address, in its text or in headers that may be encoded."""
    parsed = message_from_bytes(message, policy=default)
    body = parsed.get_body(("plain",))
    words = (message.decode("utf-8", "replace"), str(parsed["to"]), str(body.get_content()) if body is not None else "")
    whole = [_whole_address(spelling.casefold()) for spelling in {address, ascii_address(address)}]
    return any(pattern.search(text.casefold()) for text in words for pattern in whole)


def _whole_address(address: str) -> re.Pattern[str]:
    """A pattern of the address that is no part of a longer one: neither jane.doe@a.example nor doe@a.example.org is doe@a.example."""
    return re.compile(rf"(?<![a-z0-9_.+-]){re.escape(address)}(?![a-z0-9-])(?!\.[a-z0-9])")
