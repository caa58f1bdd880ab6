"""A browser reduced to what is measured: one kept connection, cookies, compressed answers, bytes as they cross the wire."""

import gzip
import re
import socket
import sys
from dataclasses import dataclass
from http.client import HTTPResponse
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urljoin

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENCODINGS = "gzip, zstd"  # a browser also offers br, which nothing here speaks
_LINKED = re.compile(r'<(?:link|script|img|use)[^>]+?(?:href|src)="(/static/[^"#]+)')
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_CLOSED = (ConnectionError, BrokenPipeError, IndexError)


@dataclass(frozen=True)
class Answer:
    """What came back: `wire` counts bytes of head and body as sent, `body` is decompressed on demand by `text`."""

    status: int
    wire: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return _decompress(self.body, self.headers.get("content-encoding", "")).decode()


class Client:
    """One learner's connection to a server on this machine."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port = port
        self.cookies = dict(cookies or {})
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, headers, b"")

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        origin = f"http://127.0.0.1:{self.port}{path}"
        return self._ask("POST", path, {"Content-Type": "application/x-www-form-urlencoded", "Referer": origin}, urlencode(fields).encode())

    def sign_in(self, email: str, password: str) -> None:
        """Through the form, as people do."""
        token = _TOKEN.search(self.get("/login").text)
        answer = self.post("/login", {"email": email, "password": password, "csrf_token": token.group(1) if token else ""})
        if answer.status != 302:
            raise SystemExit(
                f"{email} could not sign in: status {answer.status}. Name an account with --email and --password, or --learner."
            )

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        head = {"Host": f"127.0.0.1:{self.port}", "Accept-Encoding": ENCODINGS, **headers}
        if self.cookies:
            head["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body:
            head["Content-Length"] = str(len(body))
        request = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in head.items()) + "\r\n"
        try:
            return self._exchange(request.encode() + body)
        except _CLOSED:  # the server has closed a connection it kept: a browser opens another
            self.close()
            return self._exchange(request.encode() + body)

    def _exchange(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self._socket.sendall(request)
        response = HTTPResponse(self._socket)
        response.begin()
        body = response.read()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        sent = sum(len(name) + len(value) + 4 for name, value in response.headers.items()) + 2
        status_line = len(f"HTTP/1.1 {response.status} {response.reason}\r\n")
        if response.will_close:
            self.close()
        return Answer(response.status, status_line + sent + len(body), {n.lower(): v for n, v in response.headers.items()}, body)


def linked_files(page: str) -> set[str]:
    """Static files an HTML page names: style sheets, scripts, pictures, preloaded fonts."""
    return set(_LINKED.findall(page))


def imported_files(address: str, sheet: str) -> set[str]:
    """Style sheets a style sheet imports; its fonts are counted where the page preloads them."""
    return {urljoin(address, path) for path in re.findall(r'@import url\("([^"]+)"', sheet)}


def _decompress(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(body)
    return zstd.decompress(body) if encoding == "zstd" else body
