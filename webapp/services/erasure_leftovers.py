"""What is left of an erased person outside the tables: files of mail, bad rows of imports, the database's write-ahead log."""

import csv
import re
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import select

from webapp.extensions import db
from webapp.models import ImportRun, User
from webapp.services.mail import remove_mail_of
from webapp.support.text import fold
from webapp.transactions import after_commit, truncate_wal

log = structlog.get_logger(__name__)


def forget_traces(user: User) -> None:
    """Remove them once the erasure is durable; after the last message to the person has gone out."""
    words = [word for word in (user.email, user.name, user.external_id) if word]
    paths = [Path(path) for path in db.session.scalars(select(ImportRun.errors_path).distinct()) if path]
    after_commit(partial(_remove_leftovers, user.email, words, paths))


def _remove_leftovers(email: str | None, words: Sequence[str], paths: Collection[Path]) -> None:
    if email:
        remove_mail_of(email)
    for path in paths:
        try:
            _remove_mentions_from_csv(path, words)
        except (OSError, csv.Error):
            log.exception("problem_file_not_rewritten")
    truncate_wal()


def _remove_mentions_from_csv(path: Path, words: Sequence[str]) -> None:
    """Rewrite a file of bad rows without those that mention the person; a row too many costs nothing, one too few would.

    Compared as folded: a file may spell a name decomposed, in capitals or without its marks.
    """
    if not path.exists():
        return
    mentions = re.compile("|".join(rf"(?<!\w){re.escape(fold(word))}(?!\w)" for word in words))
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    kept = [row for row in rows if not mentions.search(fold(" ".join(row[2:])))]
    if len(kept) == len(rows):
        return
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *kept])
    draft.replace(path)
