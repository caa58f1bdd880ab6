"""Actor: who is acting, as plain data that services take instead of a session's user."""

from dataclasses import dataclass

from webapp.models import Role, User
from webapp.policies.permissions import Permission, permissions_of


class Forbidden(Exception):
    """The actor may not do this. `permission` says what was missing, for the log; people see a plain sentence."""

    def __init__(self, permission: Permission | str) -> None:
        super().__init__(f"permission {permission} is missing")
        self.permission = str(permission)


@dataclass(frozen=True, slots=True)
class Actor:
    """An account that acts; `user_id` None is the system itself (jobs, command line)."""

    user_id: int | None
    permissions: frozenset[Permission]

    @classmethod
    def of(cls, user: User) -> "Actor":
        """The actor an account is; a suspended account may do nothing."""
        return cls(user.id, permissions_of(user.role) if user.active else frozenset())

    @classmethod
    def system(cls) -> "Actor":
        """The machine: may do everything, is written to the audit log without a person."""
        return cls(None, permissions_of(Role.ADMIN))

    def may(self, permission: Permission) -> bool:
        """Whether the actor holds the permission."""
        return permission in self.permissions


def require(actor: Actor, permission: Permission) -> None:
    """Raises Forbidden unless the actor holds the permission."""
    if not actor.may(permission):
        raise Forbidden(permission)
