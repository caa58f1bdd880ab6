"""An administrator, trainings that are asked for but not started, and the small trained model for the pages that tell about it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.noted_background import Noted
from tests.webapp.recommender.conftest import artifact, courses, live, models_dir

__all__ = ["admin", "artifact", "courses", "launched", "live", "models_dir"]


@pytest.fixture
def launched(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Runs whose process was asked for; none is started."""
    monkeypatch.setitem(app.extensions, "background", noted := Noted())
    return noted.runs


@pytest.fixture
def admin(client: FlaskClient, login, make_user) -> FlaskClient:
    return login(client, make_user("admin", name="Root"))
