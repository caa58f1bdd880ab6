"""Every module of a screen adds its views, without standing in a list."""

from pathlib import Path

import pytest
from flask import Flask

import webapp.blueprints

FOLDER = Path(webapp.blueprints.__file__).parent
SCREENS = sorted(path.parent.name for path in FOLDER.glob("*/__init__.py"))
WITH_VIEWS = sorted(path for path in FOLDER.glob("*/*.py") if "@bp." in path.read_text("utf-8"))


def test_every_package_of_screens_is_registered(application: Flask) -> None:
    assert set(SCREENS) <= set(application.blueprints)


@pytest.mark.parametrize("path", WITH_VIEWS, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_the_views_of_every_module_have_an_address(application: Flask, path: Path) -> None:
    module = f"webapp.blueprints.{path.parent.name}.{path.stem}"
    assert [endpoint for endpoint, view in application.view_functions.items() if view.__module__ == module]
