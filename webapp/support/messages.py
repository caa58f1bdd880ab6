"""Translatable messages that are declared in one place and spoken in another."""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """The message as it stands: marks it for extraction. Whoever speaks it looks its translation up."""
    return message
