"""Fixtures of service tests."""

import pytest
from flask import Flask

from tests.noted_background import Noted


@pytest.fixture
def launched(separate_app: Flask) -> list[int]:
    """Runs whose process was asked for; none is started."""
    separate_app.extensions["background"] = noted = Noted()
    return noted.runs
