"""Screens of catalog."""

from webapp.blueprints.catalog.views import bp

__all__ = ["bp"]
