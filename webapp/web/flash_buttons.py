"""Flash messages with a button."""

from collections.abc import Mapping
from typing import Any

from flask import flash


def flash_with_button(text: str, label: str, action: str, fields: Mapping[str, str], *, icon: str = "", kind: str = "success") -> None:
    """A flash message with a button that posts `fields` to `action`; templates/base.html makes the form, with its own token."""
    message: Any = {"text": text, "label": label, "action": action, "fields": dict(fields), "icon": icon}
    flash(message, kind)  # the session stores any JSON value
