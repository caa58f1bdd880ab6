"""Screens of course."""

from webapp.blueprints.course.views import bp

__all__ = ["bp"]
