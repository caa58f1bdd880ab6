"""Screens of account."""

from webapp.blueprints.account.views import bp

__all__ = ["bp"]
