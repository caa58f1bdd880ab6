"""Live ranking policies: which version decides about which placement."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select

from recsys.errors import RecsysError
from recsys.rerank.policy import Policy
from webapp.extensions import db
from webapp.models.ranking_policy import EVERYWHERE, PolicyStatus, RankingPolicy

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class LivePolicies:
    """The policies in force by placement; one that has none of its own goes by EVERYWHERE's, and that by `default`."""

    default: Policy
    by_placement: Mapping[str, Policy] = field(default_factory=dict)

    def policy_for(self, placement: str) -> Policy:
        """The policy of a placement; its `version` is what slates store."""
        return self.by_placement.get(placement) or self.by_placement.get(EVERYWHERE) or self.default


def live_policies(default: Policy) -> LivePolicies:
    """The policies in force now; one statement. A version whose settings cannot be read is left out and logged: no page fails for it."""
    policies = {}
    for row in db.session.scalars(select(RankingPolicy).where(RankingPolicy.status == PolicyStatus.LIVE)):
        try:
            policies[row.placement] = Policy.from_json({**row.settings, "version": row.version})
        except RecsysError as error:
            log.error("policy_unreadable", policy=row.version, reason=str(error))
    return LivePolicies(default, policies)
