"""Which role holds which permission: those of its own scope, and those of the roles before it."""

from webapp.models.user import Role
from webapp.registries.permissions import Permission as Permission

_ROLES = list(Role)
"""From the least to the most; a permission's scope is the least that holds it."""


def permissions_of(role: Role) -> frozenset[Permission]:
    """What a role may do."""
    return _BY_ROLE[role]


def _held_by(role: Role) -> frozenset[Permission]:
    return frozenset(permission for permission in Permission if _ROLES.index(Role(permission.scope)) <= _ROLES.index(role))


_BY_ROLE = {role: _held_by(role) for role in Role}
