"""Imports in words."""

from webapp.importing.layout import KIND_NAMES, FileKind
from webapp.support.messages import gettext


def file_kind_name(kind: str) -> str:
    """What a file of this kind holds; the kind itself for one of another version."""
    return gettext(KIND_NAMES[FileKind(kind)]) if kind in set(FileKind) else kind
