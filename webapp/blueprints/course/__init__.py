"""Screens of course."""

from webapp.blueprints.course import feedback, impressions  # noqa: F401 - they add their views to the blueprint
from webapp.blueprints.course.views import bp

__all__ = ["bp"]
