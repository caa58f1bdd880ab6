"""Screens of course."""

from webapp.blueprints.course import feedback  # noqa: F401 - it adds its view to the blueprint
from webapp.blueprints.course.views import bp

__all__ = ["bp"]
