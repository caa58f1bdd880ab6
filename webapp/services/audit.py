"""Audit log: who decided what about what."""

from typing import Any

from webapp.extensions import db
from webapp.models.operations import AuditEntry
from webapp.policies import Actor
from webapp.transactions import defer_write, refuse_where_failure_is_only_logged


def record_decision(actor: Actor, action: str, subject: str, **detail: Any) -> None:
    """Write down an administrative or automatic decision; it becomes durable together with what it speaks of.

    Raises RuntimeError where the entry could be lost unseen: an after-commit hook, a deferred write that is not required.
    """
    refuse_where_failure_is_only_logged()
    db.session.add(AuditEntry(actor_id=actor.user_id, action=action, subject=subject[:120], detail=detail))
    db.session.flush()


def defer_decision(actor: Actor, action: str, subject: str, **detail: Any) -> None:
    """Write down the decision of a page that reads, before the answer goes out, which fails when that fails."""
    defer_write(lambda: record_decision(actor, action, subject, **detail), required=True)
