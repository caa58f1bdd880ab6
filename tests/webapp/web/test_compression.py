"""Answers are compressed where the browser understands it and nobody else can profit from it."""

import gzip
import re
import sys

import pytest
from flask.testing import FlaskClient

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACK = {None: bytes, "gzip": gzip.decompress, "zstd": zstd.decompress}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", None),
        ("identity", None),
        ("br", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0, gzip", "gzip"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
        ("gzip;q=0, zstd;q=0", None),
        ("*", "zstd"),
    ],
)
def test_a_page_comes_as_the_browser_likes_it(client: FlaskClient, accepted: str, encoding: str | None) -> None:
    answer = client.get("/login", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert "accept-encoding" in answer.vary
    assert "</html>" in UNPACK[encoding](answer.data).decode()


def test_errors_and_small_answers_stay_as_they_are(client: FlaskClient) -> None:
    for path in ("/healthz", "/robots.txt", "/courses/there-is-none"):
        assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "zstd"}).headers


def test_static_files_are_compressed_and_alike_for_everybody(client: FlaskClient) -> None:
    page = client.get("/").text
    addresses = sorted(set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page)))
    assert {address.rpartition(".")[2] for address in addresses} >= {"css", "js", "svg", "woff2"}
    for address in addresses:
        with client.get(address) as plain:
            whole = plain.data
        for _ in range(2):  # the second one comes from what was kept of the first
            with client.get(address, headers={"Accept-Encoding": "zstd"}) as answer:
                encoding = answer.headers.get("Content-Encoding")
                assert encoding == (None if address.endswith("woff2") else "zstd")
                assert UNPACK[encoding](answer.data) == whole
                assert "cookie" not in answer.vary
                assert answer.cache_control.public


def _stylesheet(client: FlaskClient) -> str:
    """The address of a style sheet of a page."""
    return next(path for path in re.findall(r'href="(/static/[^"#]+)', client.get("/").text) if path.endswith(".css"))


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    address = _stylesheet(client)
    with client.get(address, headers={"Accept-Encoding": "zstd"}) as first:
        tag = first.headers["ETag"]
    for accepted in ("zstd", "gzip", ""):
        with client.get(address, headers={"Accept-Encoding": accepted, "If-None-Match": tag}) as again:
            assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)


def test_a_part_of_a_file_is_a_part_of_the_file(client: FlaskClient) -> None:
    address = _stylesheet(client)
    with client.get(address, headers={"Accept-Encoding": "zstd", "Range": "bytes=0-9"}) as answer:
        assert answer.status_code == 206
        assert len(answer.data) == 10
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("site", "cookies", "compressed"), [("cross-site", True, False), ("cross-site", False, True), ("same-origin", True, True)]
)
def test_lengths_tell_another_site_nothing_of_a_readers_page(client: FlaskClient, site: str, cookies: bool, compressed: bool) -> None:
    if cookies:
        client.set_cookie("session", "of a reader")
    answer = client.get("/catalog?q=guess", headers={"Accept-Encoding": "zstd", "Sec-Fetch-Site": site})
    assert ("Content-Encoding" in answer.headers) is compressed


def test_head_tells_the_length_get_has(client: FlaskClient) -> None:
    headers = {"Accept-Encoding": "gzip"}
    address = _stylesheet(client)
    with client.get(address, headers=headers) as got, client.head(address, headers=headers) as asked:
        assert asked.headers["Content-Length"] == got.headers["Content-Length"]
        assert asked.data == b""
