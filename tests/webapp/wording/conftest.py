"""Sentences hold addresses, so they are written while a request is answered."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.webapp.recommender.conftest import artifact, courses, live, models_dir  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield
