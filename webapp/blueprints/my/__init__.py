"""Screens of my."""

from webapp.blueprints.my.views import bp

__all__ = ["bp"]
