"""What templates may call: filters and globals."""

from flask import Flask


def init_templating(app: Flask) -> None:
    """Register filters, globals and the variables of the base page."""
