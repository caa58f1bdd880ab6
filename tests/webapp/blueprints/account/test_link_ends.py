"""Mail says until when its link works, whenever it is read."""

from datetime import UTC, datetime

import pytest
import time_machine

WRITTEN = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
NEWCOMER = {"name": "Ada", "email": "ada@example.com", "password": "eleven brass lanterns hum"}


@pytest.mark.parametrize(
    ("confirmed", "asked", "until"),
    [
        (True, ("/reset", {"email": "ada@example.com"}), "Apr 1, 2026, 00:30 UTC"),
        (True, ("/register", NEWCOMER), "Apr 1, 2026, 00:30 UTC"),
        (False, ("/confirm", {"email": "ada@example.com"}), "Apr 5, 2026, 22:30 UTC"),
        (None, ("/register", NEWCOMER), "Apr 5, 2026, 22:30 UTC"),
    ],
)
def test_the_moment_is_said(client, make_person, outbox, confirmed: bool | None, asked: tuple[str, dict[str, str]], until: str) -> None:
    with time_machine.travel(WRITTEN, tick=False):
        if confirmed is not None:
            make_person(email="ada@example.com", confirmed_at=WRITTEN if confirmed else None)
        client.post(asked[0], data=asked[1])
    (message,) = outbox
    assert f"until {until}" in message.body
