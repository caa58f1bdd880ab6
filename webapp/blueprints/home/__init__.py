"""Screens of home."""

from webapp.blueprints.home.views import bp

__all__ = ["bp"]
