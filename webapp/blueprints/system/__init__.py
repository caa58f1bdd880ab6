"""Screens of system."""

from webapp.blueprints.system.views import bp

__all__ = ["bp"]
