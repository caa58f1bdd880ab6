"""Impersonation and disclosure: an administrator opens a learner's home page, or takes the list of learners along; both are audited."""

from webapp.models.user import User
from webapp.policies import Permission, Person, require
from webapp.queries.learners import learner
from webapp.services.audit import defer_decision
from webapp.services.errors import NotFound


def authorize_learner_home(actor: Person, user_id: int) -> User:
    """The learner whose home page the actor may look at; the look is audited, or refused with an error. Raises Forbidden, NotFound."""
    require(actor, Permission.SEE_LEARNER_HOME)
    user = learner(user_id)
    if user is None:
        raise NotFound
    defer_decision(actor, "learner.see_home", f"user:{user_id}")
    return user


def audit_learner_list_download(actor: Person, q: str) -> None:
    """Audit, before the list of learners leaves as a file, who took it, and whether all of it; not the words searched for, which may
    be a name. Raises Forbidden."""
    require(actor, Permission.SEE_LEARNER_HOME)
    defer_decision(actor, "learner.download_list", "learners", searched=bool(q))
