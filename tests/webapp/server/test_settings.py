"""What `make run` is told by variables is used or refused with a sentence that names it."""

import pytest

from webapp.server.settings import ServerSettings, server_settings


def test_what_is_not_set_or_empty_has_its_default() -> None:
    default = ServerSettings("127.0.0.1:8000", 2, 4)
    assert server_settings({}) == server_settings({"PORT": "", "WORKERS": " ", "THREADS": "", "BIND": ""}) == default


def test_what_is_set_is_used() -> None:
    assert server_settings({"PORT": "9000", "WORKERS": "1", "THREADS": "8"}) == ServerSettings("127.0.0.1:9000", 1, 8)
    assert server_settings({"PORT": "9000", "BIND": "unix:/run/waymark"}).bind == "unix:/run/waymark"


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "1e3", "\u0662", "9" * 5000, "65536"])
@pytest.mark.parametrize("name", ["PORT", "WORKERS", "THREADS"])
def test_what_is_no_number_in_range_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"(?m)^  {name}=.*a whole number from 1 to"):
        server_settings({name: value})


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"(?s)PORT=.*WORKERS=.*THREADS="):
        server_settings({"PORT": "a", "WORKERS": "b", "THREADS": "c"})
