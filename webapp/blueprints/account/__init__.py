"""Screens of account."""

from webapp.blueprints.account import privacy, profile, sessions, welcome  # noqa: F401 - they add their views to the blueprint
from webapp.blueprints.account.views import bp

__all__ = ["bp"]
