"""Blueprints, one for each screen, a package each: `bp` and the modules whose views it has. They never import each other."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Flask


def register_blueprints(app: Flask) -> None:
    """Put each blueprint at its address (docs/addresses.md has all), with the views of every module of its package: what a module adds by
    being imported needs no second list."""
    for package in iter_modules(__path__, f"{__name__}."):
        screens = import_module(package.name)
        for module in iter_modules(screens.__path__, f"{package.name}."):
            import_module(module.name)
        app.register_blueprint(screens.bp)
