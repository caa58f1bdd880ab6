"""Screens of notifications."""

from webapp.blueprints.notifications.views import bp

__all__ = ["bp"]
