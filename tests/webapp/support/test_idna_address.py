"""Domains in ASCII, as they are registered today."""

import pytest

from webapp.support.idna_address import ascii_address


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ada@example.com", "ada@example.com"),
        ("ada+tag@b\u00fccher.example", "ada+tag@xn--bcher-kva.example"),
        ("ada@stra\u00dfe.example", "ada@xn--strae-oqa.example"),
        ("ada@\u03b2\u03cc\u03bb\u03bf\u03c2.com", "ada@xn--nxasmm1c.com"),
        ("ada@xn--strae-oqa.example", "ada@xn--strae-oqa.example"),
        (
            "\u043e\u043b\u0435\u043d\u0430@\u043f\u043e\u0448\u0442\u0430.example",
            "\u043e\u043b\u0435\u043d\u0430@\u043f\u043e\u0448\u0442\u0430.example",
        ),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_the_domain_is_written_as_it_is_registered(address: str, expected: str) -> None:
    assert ascii_address(address) == expected
