"""Answers compressed by the application itself, as no proxy need stand in front of it: zstd, or gzip for browsers without it.

Pages are compressed as they are made, quickly; static files thoroughly and once, kept under their content address. Against BREACH:
a request another site caused is answered uncompressed when it carries cookies, so nobody elsewhere can watch how the length of a
reader's page follows what they put into its address (docs/decisions/0009-compression.md).
"""

import gzip
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import Flask, Response, request

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SMALLEST = 1024
"""Bytes. Less fits into one packet as it is."""

_TYPES = frozenset({"application/javascript", "application/json", "application/manifest+json", "application/xml", "image/svg+xml"})
_Compress = Callable[[bytes], bytes]
_QUICK: Mapping[str, _Compress] = MappingProxyType(
    {"zstd": lambda body: zstd.compress(body, 3), "gzip": lambda body: gzip.compress(body, 4, mtime=0)}
)
_THOROUGH: Mapping[str, _Compress] = MappingProxyType(
    {"zstd": lambda body: zstd.compress(body, 19), "gzip": lambda body: gzip.compress(body, 9, mtime=0)}
)


def init_compression(app: Flask) -> None:
    """Compress what is worth it, after everything else has had its say on the answer."""
    addressed = app.static_url_path != "/static"  # a content address never changes what it leads to
    kept: dict[tuple[str, str], bytes] = {}

    @app.after_request
    def compress(response: Response) -> Response:
        if not _compressible(response):
            return response
        response.vary.add("Accept-Encoding")
        _weaken_etag(response)
        encoding = _encoding()
        if encoding is None or response.status_code != 200 or _is_cross_site():
            return response
        if request.endpoint == "static" and addressed:
            key = (request.path, encoding)
            if key not in kept:
                kept[key] = _THOROUGH[encoding](_uncompressed_body(response))
            return _encoded(response, kept[key], encoding)
        return response if response.is_streamed and not response.direct_passthrough else _compress_response(response, encoding)


def _compressible(response: Response) -> bool:
    kind = (response.mimetype or "").startswith("text/") or response.mimetype in _TYPES
    return kind and "Content-Encoding" not in response.headers and not response.cache_control.no_transform


def _encoding() -> str | None:
    """What the browser likes best of what we speak; zstd when it does not mind."""
    accepted = request.accept_encodings
    best = max(_QUICK, key=accepted.__getitem__)  # the first of equals
    return best if accepted[best] > 0 else None


def _is_cross_site() -> bool:
    return request.headers.get("Sec-Fetch-Site") == "cross-site" and bool(request.cookies)


def _uncompressed_body(response: Response) -> bytes:
    response.direct_passthrough = False
    return response.get_data()


def _compress_response(response: Response, encoding: str) -> Response:
    body = _uncompressed_body(response)
    return _encoded(response, _QUICK[encoding](body), encoding) if len(body) >= SMALLEST else response


def _encoded(response: Response, body: bytes, encoding: str) -> Response:
    close = getattr(response.response, "close", None)
    response.set_data(body)
    if close is not None:  # an open file: what replaces it does not need it
        close()
    response.headers["Content-Encoding"] = encoding
    response.headers.pop("Accept-Ranges", None)
    return response


def _weaken_etag(response: Response) -> None:
    """One tag stands for every encoding: equal in meaning, not byte for byte."""
    etag, weak = response.get_etag()
    if etag and not weak:
        response.set_etag(etag, weak=True)
