"""What is kept of a device is what its owner knows it by."""

import pytest

from webapp.support.client_description import browser_and_system, coarse_network, counted_network

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36": "Chrome / Windows",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0": "Edge / Windows",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile Safari/604.1": (
        "Safari / iPhone"
    ),
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0": "Firefox / Android",
    "Mozilla/5.0 (Macintosh; Mac OS X 10_15) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15": "Safari / macOS",
    "curl/8.5 (Linux)": " / Linux",
    "curl/8.5": "",
    "": "",
    "<script>alert(1)</script> Firefox/": "Firefox",
}


@pytest.mark.parametrize(("agent", "name"), AGENTS.items())
def test_a_browser_is_named_without_its_version(agent: str, name: str) -> None:
    assert browser_and_system(agent) == name


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.x.x"),
        ("127.0.0.1", "127.0.x.x"),
        ("2001:db8:85a3::8a2e:370:7334", "2001:db8::/32"),
        ("::ffff:203.0.113.77", "203.0.x.x"),
        ("nonsense", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_address_is_kept_without_the_part_that_names_a_household(address: str | None, kept: str) -> None:
    assert coarse_network(address) == kept


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.77", "203.0.113.77"),
        ("::ffff:203.0.113.77", "203.0.113.77"),
        ("::FFFF:cb00:714d", "203.0.113.77"),
        ("203.0.113.77:51234", "203.0.113.77"),
        ("[2001:db8:85a3:1::1]:51234", "2001:db8:85a3:1::/64"),
        ("[2001:db8:85a3:1::1]", "2001:db8:85a3:1::/64"),
        ("[::ffff:203.0.113.77]:80", "203.0.113.77"),
        ("64:ff9b::cb00:714d", "203.0.113.77"),
        ("2001:db8:85a3:1::1", "2001:db8:85a3:1::/64"),
        ("2001:DB8:85a3:0001:ffff:ffff:ffff:ffff", "2001:db8:85a3:1::/64"),
        ("2001:db8:85a3:2::1", "2001:db8:85a3:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        (None, ""),
    ],
)
def test_attempts_are_counted_by_what_one_household_has(address: str | None, counted: str) -> None:
    assert counted_network(address) == counted
