"""Which role holds which permission: those of its own scope, and those of the roles before it."""

from webapp.models import Role
from webapp.registries.permissions import Permission as Permission

_BY_SCOPE = {role: frozenset(permission for permission in Permission if permission.scope == role.value) for role in Role}
_ROLES = tuple(Role)  # from the least to the most
_BY_ROLE = {role: frozenset().union(*(_BY_SCOPE[each] for each in _ROLES[: place + 1])) for place, role in enumerate(_ROLES)}


def permissions_of(role: Role) -> frozenset[Permission]:
    """What a role may do."""
    return _BY_ROLE[role]
