"""People with passwords, and the mail they get."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.models.user import User
from webapp.services.passwords import hash_password

PASSWORD = "a short sentence of mine"


def text_without_own_words(answer: TestResponse, *own: str) -> str:
    """What a page says, without what differs from one request to the next and without the reader's own words."""
    text = re.sub(r'value="[^"]*"|[0-9a-f]{32}', "", answer.text)
    for word in own:
        text = text.replace(word, "")
    return text


class Outbox(list[Any]):
    """Messages sent in this test."""

    def link(self, part: str) -> str:
        """The path of the newest message's link that contains `part`."""
        found = re.findall(r"https?://[^/\s]+(/\S+)", self[-1].body)
        return next(path for path in found if part in path)


@pytest.fixture
def outbox(app: Flask) -> Outbox:
    box = Outbox()
    app.extensions["mailman"].outbox = box
    return box


@pytest.fixture
def make_person(make_user: Callable[..., User]) -> Callable[..., User]:
    """An account with the password PASSWORD."""

    def make(**columns: Any) -> User:
        return make_user(**({"password": hash_password(PASSWORD)} | columns))

    return make


@pytest.fixture
def sign_in() -> Callable[..., TestResponse]:
    """Sign in through the form."""

    def post(client: FlaskClient, email: str | None, password: str = PASSWORD, **more: str) -> TestResponse:
        return client.post("/login", data={"email": email, "password": password, **more})

    return post
