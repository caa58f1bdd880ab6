"""Screens of admin."""

from webapp.blueprints.admin import data, jobs, people  # noqa: F401 - they add their views to the blueprint
from webapp.blueprints.admin.views import bp

__all__ = ["bp"]
