"""Ranking policies: a change is a new version; one of a placement is live, and going back is a version that goes live again."""

from typing import Any

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.models.ranking_policy import PolicyStatus, RankingPolicy
from webapp.policies import Actor, Permission, require
from webapp.recommender.report_sentences import fault_sentence
from webapp.recommender.serving.policy_validation import settings_problem
from webapp.services.audit import record_decision
from webapp.services.errors import Conflict, Invalid, NotFound
from webapp.support.clock import now
from webapp.support.messages import gettext

MAX_NOTE = 300


def draft_policy(actor: Actor, placement: str, settings: dict[str, Any], note: str) -> RankingPolicy:
    """A new version that decides about nothing yet. Raises Forbidden, and Invalid for settings the recommender cannot use."""
    require(actor, Permission.TUNE_RANKING)
    if problem := settings_problem(settings):
        raise Invalid(fault_sentence(problem, gettext), "settings")
    if not note.strip() or len(note) > MAX_NOTE:
        raise Invalid(gettext("Say in up to %(num)s characters why.", num=MAX_NOTE), "note")
    last = db.session.scalar(select(func.max(RankingPolicy.number)).where(RankingPolicy.placement == placement)) or 0
    policy = RankingPolicy(placement=placement, number=last + 1, settings=settings, note=note.strip(), author_id=actor.user_id)
    db.session.add(policy)
    db.session.flush()
    record_decision(actor, "policy.draft", f"policy:{policy.version}", note=policy.note)
    return policy


def publish_policy(actor: Actor, policy_id: int) -> RankingPolicy:
    """Let a version decide about its placement from the next request on; the one that did is retired.

    Raises Forbidden, NotFound, and Conflict for the one that is live already.
    """
    return _go_live(actor, policy_id, PolicyStatus.RETIRED, "policy.publish")


def roll_back_policy(actor: Actor, placement: str) -> RankingPolicy | None:
    """Take the live version of a placement back: the one before it is live again, or none where there was none.

    Raises Forbidden, and Conflict where no version of the placement is live.
    """
    require(actor, Permission.TUNE_RANKING)
    live = _lock_live_policy(placement)
    if live is None:
        raise Conflict(gettext("No version of this placement is live."))
    before = db.session.scalar(
        select(RankingPolicy)
        .where(RankingPolicy.placement == placement, RankingPolicy.status == PolicyStatus.RETIRED)
        .order_by(RankingPolicy.live_until.desc(), RankingPolicy.id.desc())
        .limit(1)
    )
    if before is not None:
        return _go_live(actor, before.id, PolicyStatus.ROLLED_BACK, "policy.roll_back")
    _retire(live, PolicyStatus.ROLLED_BACK)
    record_decision(actor, "policy.roll_back", f"policy:{live.version}")
    return None


def _go_live(actor: Actor, policy_id: int, becomes: PolicyStatus, action: str) -> RankingPolicy:
    require(actor, Permission.TUNE_RANKING)
    policy = db.session.get(RankingPolicy, policy_id)
    if policy is None:
        raise NotFound(gettext("There is no such policy."))
    live = _lock_live_policy(policy.placement)
    if live is policy:
        raise Conflict(gettext("This version is live already."))
    if live is not None:
        _retire(live, becomes)
    policy.status, policy.live_from, policy.live_until = PolicyStatus.LIVE, now(), None
    db.session.flush()
    record_decision(actor, action, f"policy:{policy.version}", before=live.version if live else None)
    return policy


def _lock_live_policy(placement: str) -> RankingPolicy | None:
    query = select(RankingPolicy).where(RankingPolicy.placement == placement, RankingPolicy.status == PolicyStatus.LIVE)
    row: RankingPolicy | None = db.session.scalar(query.with_for_update())
    return row


def _retire(policy: RankingPolicy, becomes: PolicyStatus) -> None:
    policy.status, policy.live_until = becomes, now()
    db.session.flush()
