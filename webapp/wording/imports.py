"""Imports in words."""

from webapp.importing.layout import KIND_NAMES, Kind
from webapp.support.messages import gettext


def file_kind_name(kind: str) -> str:
    """What a file of this kind holds; the kind itself for one of another version."""
    return gettext(KIND_NAMES[Kind(kind)]) if kind in set(Kind) else kind
