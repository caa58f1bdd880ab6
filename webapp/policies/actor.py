"""Actors, as plain data: who is acting. Services take one instead of a session's user."""

from dataclasses import dataclass
from typing import ClassVar

from webapp.models.user import Role, User
from webapp.policies.role_permissions import Permission, permissions_of


class Forbidden(Exception):
    """The actor may not do this. `permission` says what was missing, for the log; people see a plain sentence."""

    def __init__(self, permission: Permission | str) -> None:
        super().__init__(f"permission {permission} is missing")
        self.permission = str(permission)


@dataclass(frozen=True, slots=True)
class Person:
    """An account that acts."""

    user_id: int
    permissions: frozenset[Permission]

    @classmethod
    def of(cls, user: User) -> "Person":
        """The person an account is; a suspended account may do nothing."""
        return cls(user.id, permissions_of(user.role) if user.active else frozenset())

    def may(self, permission: Permission) -> bool:
        """Whether the account's role holds the permission."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class System:
    """The machine: jobs and the command line. It stands in the audit log without a person, and may do what an administrator may
    except what belongs to a person: feedback, an enrollment, a profile."""

    user_id: ClassVar[None] = None
    permissions: ClassVar[frozenset[Permission]] = permissions_of(Role.ADMIN) - permissions_of(Role.LEARNER)

    def may(self, permission: Permission) -> bool:
        """Whether it is one of an administrator's that need no person."""
        return permission in self.permissions


Actor = Person | System


def require(actor: Actor, permission: Permission) -> None:
    """Raises Forbidden unless the actor holds the permission."""
    if not actor.may(permission):
        raise Forbidden(permission)
