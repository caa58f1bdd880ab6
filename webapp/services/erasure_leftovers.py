"""What is left of an erased person outside the tables: files of mail, bad rows of imports, the database's write-ahead log."""

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import select

from webapp.extensions import db
from webapp.models.operations import ImportRun
from webapp.models.user import User
from webapp.services.mail import remove_mail_of
from webapp.support.text import fold
from webapp.transactions import after_commit, truncate_wal

_UNREADABLE_BYTE = re.compile(r"\\udc[89a-f][0-9a-f]")  # as `spreadsheet_safe` writes it
_HEADER = ["file", "line", "severity", "column", "reason", "row"]  # of a problem file
_MAY_BE_CUT = 900  # characters: rows are cut at 1,000, and blank ends of lines go after that
_WORD = re.compile(r"\w+")

log = structlog.get_logger(__name__)


def forget_traces(user: User) -> None:
    """Remove what is left of the person once the erasure is durable, after the last message to the person has gone out."""
    email = user.email if user.email and _address_is_theirs(user) else None
    words = [word for word in (user.email, user.name, user.external_id) if word]
    paths = [Path(path) for path in db.session.scalars(select(ImportRun.errors_path).distinct()) if path]
    after_commit(partial(_remove_leftovers, email, words, paths))


def _address_is_theirs(user: User) -> bool:
    """Whether mail to the address is the person's: they have confirmed it, or no other account has it."""
    return (
        user.confirmed_at is not None
        or db.session.scalar(select(User.id).where(User.email == user.email, User.id != user.id).limit(1)) is None
    )


def _remove_leftovers(email: str | None, words: Sequence[str], paths: Collection[Path]) -> None:
    if email:
        remove_mail_of(email)
    for path in paths:
        try:
            remove_mentions_from_csv(path, words)
        except (OSError, csv.Error):
            log.exception("problem_file_not_rewritten")
    truncate_wal()


def remove_mentions_from_csv(path: Path, words: Sequence[str]) -> None:
    """Rewrite a file of bad rows without those that may mention the person; a row too many costs nothing, one too few would."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    kept = [row for row in rows if not may_mention(_quoted_text(header, row), words)]
    if len(kept) == len(rows):
        return
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *kept])
    draft.replace(path)


def _quoted_text(header: Sequence[str], row: Sequence[str]) -> str:
    """What a line of a problem file quotes from the imported one. Its other columns hold words of ours, which somebody may be called:
    “error”, “title”. Of a row that was cut off, what we say may quote more; with another header nobody knows whose words stand where."""
    if list(header) != _HEADER:
        return " ".join(row)
    quoted = " ".join(row[5:])
    return quoted if len(quoted) < _MAY_BE_CUT else " ".join(row[4:])


def may_mention(text: str, names: Iterable[str]) -> bool:
    """Whether a text out of a file may hold one of these names, addresses or ids: all words of it, in whatever order and columns.

    Compared as folded: a file may spell a name decomposed, in capitals or without its marks. Words outside ASCII may stand inside
    others, as some scripts have no blanks. Of bytes that are no UTF-8 nobody knows whom they name.
    """
    if _UNREADABLE_BYTE.search(text):
        return True
    folded = fold(text.replace("\\0", " "))
    words = set(_WORD.findall(folded))
    return any(_is_mentioned(fold(name), folded, words) for name in names)


def _is_mentioned(name: str, text: str, words: Collection[str]) -> bool:
    parts = _WORD.findall(name) or [name]
    return all(part in words or (not part.isascii() and part in text) for part in parts)
