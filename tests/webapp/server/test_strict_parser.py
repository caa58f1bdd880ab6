"""Requests that two readers could see differently are refused; what browsers and proxies send passes."""

import pytest
from waitress.adjustments import Adjustments

from webapp.server.strict_parser import StrictParser

CHUNKS = "Transfer-Encoding: chunked"


def parsed(start: str, *fields: str) -> StrictParser:
    parser = StrictParser(Adjustments())
    parser.received("\r\n".join((start, *fields, "", "")).encode("latin-1"))
    return parser


@pytest.mark.parametrize(
    ("start", "fields"),
    [
        ("POST / HTTP/1.1", ("Host: a", "Content-Length: 4", CHUNKS)),
        ("POST / HTTP/1.1", ("Host: a", CHUNKS, "Content-Length: 0")),
        ("POST / HTTP/1.0", ("Host: a", CHUNKS)),
        ("POST / HTTP/1.0", ("Host: a", "Connection: keep-alive", "Content-Length: 4", CHUNKS)),
        ("POST / HTTP/9.9", ("Host: a", CHUNKS)),
        ("GET / HTTP/1.1", ()),
        ("GET / HTTP/1.1", ("Host: a", "Host: b")),
        ("GET / HTTP/1.1", ("Host: a", "Host: a")),
        ("GET / HTTP/1.1", ("Host: a b",)),
        ("GET / HTTP/1.1", ("Host: a/b",)),
        ("GET / HTTP/1.1", ("Host: a@b",)),
        ("GET / HTTP/1.1", ("Host: [::1",)),
        ("GET / HTTP/1.1", ("Host: a:b",)),
        ("GET / HTTP/1.1", ("Host: b\xfccher.example",)),
        ("GET http://[::1/ HTTP/1.1", ("Host: a",)),
        ("GET http://[x]/ HTTP/1.1", ("Host: a",)),
    ],
)
def test_ambiguous_requests_are_refused(start: str, fields: tuple[str, ...]) -> None:
    parser = parsed(start, *fields)
    assert parser.completed
    assert parser.error.code == 400


@pytest.mark.parametrize(
    ("start", "fields"),
    [
        ("GET / HTTP/1.1", ("Host: learn.example.org",)),
        ("GET / HTTP/1.1", ("host: LEARN_2.example.org:8000",)),
        ("GET / HTTP/1.1", ("Host: [2001:db8::1]:8000",)),
        ("GET / HTTP/1.1", ("Host: xn--bcher-kva.example.",)),
        ("GET / HTTP/1.1", ("Host:",)),
        ("GET / HTTP/1.0", ()),
        ("GET http://learn.example.org/x?y HTTP/1.1", ("Host: learn.example.org",)),
    ],
)
def test_what_browsers_proxies_and_probes_send_passes(start: str, fields: tuple[str, ...]) -> None:
    parser = parsed(start, *fields)
    assert parser.completed
    assert parser.error is None


def test_chunks_alone_are_read() -> None:
    parser = parsed("POST / HTTP/1.1", "Host: a", CHUNKS)
    assert not parser.completed
    parser.received(b"3\r\nabc\r\n0\r\n\r\n")
    assert parser.completed
    assert parser.error is None
    assert parser.headers["CONTENT_LENGTH"] == "3"
