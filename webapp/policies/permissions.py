"""Permissions, and which role holds them."""

from enum import StrEnum

from webapp.models import Role


class Permission(StrEnum):
    """scope:resource:action."""

    LEARN_COURSE = "learner:course:learn"
    GIVE_FEEDBACK = "learner:feedback:give"
    EDIT_PROFILE = "learner:profile:edit"
    READ_NOTIFICATIONS = "learner:notification:read"
    SEE_STUDIO = "creator:studio:see"
    EDIT_COURSE = "creator:course:edit"
    SEE_ADMIN = "admin:overview:see"
    TRAIN_MODEL = "admin:model:train"
    PROMOTE_MODEL = "admin:model:promote"
    RUN_JOB = "admin:job:run"
    SEE_LEARNER_HOME = "admin:learner:see_home"
    IMPORT_DATA = "admin:data:import"
    MANAGE_ACCOUNTS = "admin:account:manage"


_LEARNER = {Permission.LEARN_COURSE, Permission.GIVE_FEEDBACK, Permission.EDIT_PROFILE, Permission.READ_NOTIFICATIONS}
_CREATOR = _LEARNER | {Permission.SEE_STUDIO, Permission.EDIT_COURSE}
_BY_ROLE = {
    Role.LEARNER: frozenset(_LEARNER),
    Role.CREATOR: frozenset(_CREATOR),
    Role.ADMIN: frozenset(Permission),
}


def permissions_of(role: Role) -> frozenset[Permission]:
    """What a role may do."""
    return _BY_ROLE[role]
