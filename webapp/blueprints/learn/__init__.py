"""Screens of learn."""

from webapp.blueprints.learn.views import bp

__all__ = ["bp"]
