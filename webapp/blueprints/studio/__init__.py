"""Screens of studio."""

from webapp.blueprints.studio.views import bp

__all__ = ["bp"]
