"""Blueprints, one for each screen; they never import each other."""

from flask import Flask

from webapp.blueprints import account, admin, catalog, course, home, learn, my, notifications, studio, system


def register_blueprints(app: Flask) -> None:
    """Put each at its address (docs/architecture.md has the map)."""
    for module in (system, home, account, catalog, course, learn, my, notifications, studio, admin):
        app.register_blueprint(module.bp)
