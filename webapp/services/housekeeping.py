"""What the nights are for: records nobody needs any more are let go."""

from datetime import timedelta

from sqlalchemy import delete, or_

from webapp.extensions import db
from webapp.models import JobRun, RunStatus, Slate
from webapp.support.clock import now

KEEP_SLATES = timedelta(days=400)
KEEP_VISITOR_SLATES = timedelta(days=30)
KEEP_RUNS = timedelta(days=180)


def prune_records() -> int:
    """Remove slates nobody will ask about any more and the runs of long ago; how many rows."""
    moment = now()
    old_visit = Slate.user_id.is_(None) & (Slate.served_at < moment - KEEP_VISITOR_SLATES)
    slates = delete(Slate).where(or_(Slate.served_at < moment - KEEP_SLATES, old_visit))
    ended = JobRun.status.in_((RunStatus.SUCCEEDED, RunStatus.FAILED))
    runs = delete(JobRun).where(JobRun.started_at < moment - KEEP_RUNS, ended)
    removed = 0
    for statement in (slates, runs):
        removed += db.session.connection().execute(statement).rowcount
    return removed
