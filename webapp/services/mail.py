"""Mail goes out once what it speaks of is durable, and outside the answer's way where a server has to be asked."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from email import message_from_bytes
from email.policy import default
from email.utils import make_msgid, parseaddr
from pathlib import Path

import structlog
from flask_mailman import EmailMessage

from webapp.transactions import after_commit

_FILES = "*.log"  # as flask-mailman names them

log = structlog.get_logger(__name__)

# One thread: a slow mail server delays mail, not pages, and the time an answer takes does not tell whether mail was sent.
_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def post_mail(to: str, subject: str, body: str, sender: str | None = None) -> None:
    """Send a plain-text message after the unit of work has been committed; a failure is logged."""
    message = EmailMessage(subject, body.strip() + "\n", sender, [to])
    # Left to the library, the id would name this machine, after a look-up that can take seconds.
    message.extra_headers["Message-ID"] = make_msgid(domain=parseaddr(message.from_email)[1].rpartition("@")[2] or "localhost")

    def send() -> None:
        try:
            message.send()
        except Exception:
            log.exception("mail_failed", subject=subject)

    def hand_over() -> None:
        if "smtp" in type(message.get_connection()).__module__:
            _sender.submit(copy_context().run, send)  # the copy carries the application, not the request's transaction
        else:
            send()

    after_commit(hand_over)


def remove_mail_of(address: str) -> None:
    """Where mail is written to files, remove those to or about an address; a file holds one message."""
    folder = getattr(EmailMessage().get_connection(), "file_path", None)
    for path in Path(folder).glob(_FILES) if folder else ():
        if _names(path.read_bytes(), address):
            path.unlink(missing_ok=True)


def _names(message: bytes, address: str) -> bool:
    """Whether a message names the address, in its text or in headers that may be encoded."""
    parsed = message_from_bytes(message, policy=default)
    body = parsed.get_body(("plain",))
    words = (message.decode("utf-8", "replace"), str(parsed["to"]), str(body.get_content()) if body is not None else "")
    return any(address.casefold() in text.casefold() for text in words)
