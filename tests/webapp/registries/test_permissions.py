"""A permission is declared once: who holds it follows from its scope."""

import re
from itertools import pairwise

import pytest

from webapp.models.user import Role
from webapp.policies import Permission, System, permissions_of


@pytest.mark.parametrize("permission", list(Permission))
def test_a_permission_names_scope_resource_and_action(permission: Permission) -> None:
    assert re.fullmatch(r"[a-z]+:[a-z]+:[a-z_]+", permission)
    assert permission.scope in {role.value for role in Role}


def test_each_role_may_what_those_before_it_may_and_more() -> None:
    for less, more in pairwise((Role.LEARNER, Role.CREATOR, Role.ADMIN)):
        assert permissions_of(less) < permissions_of(more)
    assert permissions_of(Role.ADMIN) == frozenset(Permission)


@pytest.mark.parametrize(
    ("permission", "holders"),
    [
        (Permission.GIVE_FEEDBACK, {Role.LEARNER, Role.CREATOR, Role.ADMIN}),
        (Permission.EDIT_COURSE, {Role.CREATOR, Role.ADMIN}),
        (Permission.EDIT_ANY_COURSE, {Role.ADMIN}),
    ],
)
def test_the_scope_says_who_holds_it(permission: Permission, holders: set[Role]) -> None:
    assert {role for role in Role if permission in permissions_of(role)} == holders


def test_the_machine_holds_none_that_belongs_to_a_person() -> None:
    assert {permission.scope for permission in System.permissions} == {"creator", "admin"}
