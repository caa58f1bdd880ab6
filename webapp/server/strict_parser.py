"""Strict parser: requests whose end or host two readers could see differently are refused, and their connection closes.

Waitress alone reads on after a request with both a length and chunks, joins two hosts into one, and drops the connection without an
answer over an address it cannot take apart. RFC 9112, sections 3.2 and 6.1, asks for a refusal.
"""

import re
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError

_HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")  # no comma: two hosts are joined by one


class StrictParser(HTTPRequestParser):  # type: ignore[misc]
    """Waitress's parser, which answers 400 and closes where a request is ambiguous."""

    headers: dict[str, Any]
    version: str

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request. Raises ParsingError."""
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("The address cannot be read") from None
        # Chunks were taken out of the headers already where Waitress reads them, which is in HTTP/1.1 alone.
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("The length of the request is ambiguous")
        if self.version == "1.1" and "HOST" not in self.headers:
            raise ParsingError("A Host header is expected")
        if not _HOST.fullmatch(self.headers.get("HOST", "")):
            raise ParsingError("The Host header cannot be read")
