"""Fixtures of service tests."""

import pytest
from flask import Flask


@pytest.fixture
def launched(separate_app: Flask) -> list[int]:
    """Runs whose process was asked for; none is started."""
    runs: list[int] = []
    separate_app.extensions["launch_training"] = runs.append
    return runs
