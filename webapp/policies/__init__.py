"""Policies: may this actor do this to that? Pure functions; `require` turns a no into an error."""

from webapp.policies.actor import Actor, Forbidden, Person, System, require
from webapp.policies.role_permissions import Permission, permissions_of

__all__ = ["Actor", "Forbidden", "Permission", "Person", "System", "permissions_of", "require"]
