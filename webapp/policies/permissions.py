"""Which role holds which permission."""

from webapp.models import Role
from webapp.registries.permissions import Permission as Permission

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
