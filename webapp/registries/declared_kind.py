"""Kinds that are declared: a member is its stored text and carries a spec, which says all that the rest of the house knows of it."""

from enum import StrEnum
from typing import Any, Self


class DeclaredKind(StrEnum):
    """Base of registries of kinds; a subclass names the type of its `spec`."""

    spec: Any

    def __new__(cls, value: str, spec: Any = None) -> Self:
        """A member with its spec. (Looking one up by its text needs none, hence the default.)"""
        if spec is None:
            raise TypeError(f"{cls.__name__} {value!r} has no spec")
        member = str.__new__(cls, value)
        member._value_ = value
        member.spec = spec
        return member
