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


@pytest.mark.parametrize(
    "arriving",
    [
        b"0" * 8_000_000,
        b"3;" + b"a" * 8_000_000,
        b"0\r\n" + b"A: b\r\n" * 1_000_000,
        b"1\r\na\r\n" * 1_000_000,
        (b"1;" + b"a" * 100 + b"\r\na\r\n") * 50_000,
    ],
)
def test_what_frames_chunks_is_refused_where_it_is_more_than_what_is_in_them(arriving: bytes) -> None:
    parser, read = parsed("POST / HTTP/1.1", "Host: a", CHUNKS), 0
    while not parser.completed and read < len(arriving):
        read += parser.received(arriving[read : read + 65536])
    assert parser.error.code == 400
    assert read < 100_000


def test_long_bodies_in_chunks_of_usual_size_are_read() -> None:
    parser, read = parsed("POST / HTTP/1.1", "Host: a", CHUNKS, "Trailer: X"), 0
    arriving = (b"40;name=value\r\n" + b"a" * 64 + b"\r\n") * 3_000 + b"0\r\nX: y\r\n\r\n"
    while not parser.completed and read < len(arriving):
        read += parser.received(arriving[read : read + 65536])
    assert (parser.error, read) == (None, len(arriving))
    assert parser.headers["CONTENT_LENGTH"] == "192000"


EXPECT = "Expect: 100-continue"


@pytest.mark.parametrize(
    ("start", "fields", "waits"),
    [
        ("POST / HTTP/1.1", ("Host: a", EXPECT, "Content-Length: 3"), True),
        ("POST / HTTP/1.1", ("Host: a", EXPECT, CHUNKS), True),
        ("POST / HTTP/1.1", ("Host: a", EXPECT, "Content-Length: 0"), False),
        ("POST / HTTP/1.1", ("Host: a", EXPECT), False),
        ("GET / HTTP/1.1", ("Host: a", EXPECT), False),
        ("POST / HTTP/1.1", (EXPECT, "Content-Length: 3"), False),
        ("POST / HTTP/1.1", ("Host: a", EXPECT, "Content-Length: x"), False),
        ("POST / HTTP/1.1", ("Host: a", EXPECT, "Content-Length: 99999999999"), False),
        ("POST / HTTP/1.1", ("Host: a", EXPECT, "Content-Length: 3", CHUNKS), False),
    ],
)
def test_a_client_is_told_to_send_on_only_while_something_is_awaited(start: str, fields: tuple[str, ...], waits: bool) -> None:
    parser = parsed(start, *fields)
    assert parser.expect_continue is waits
    assert parser.completed is not waits
