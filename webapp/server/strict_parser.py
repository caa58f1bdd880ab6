"""Strict parser: requests whose end or host two readers could see differently are refused, and their connection closes.

Waitress alone reads on after a request with both a length and chunks, joins two hosts into one, and drops the connection without an
answer over an address it cannot take apart. RFC 9112, sections 3.2 and 6.1, asks for a refusal. It also keeps all of what frames chunks
(lengths, extensions, trailer) and goes through it anew at each byte that arrives, in the loop that serves everybody; and it tells a
client to send on ("Expect: 100-continue") that has been refused already or has nothing to send, and waits for it then.
"""

import re
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import BadRequest

_HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")  # no comma: two hosts are joined by one
_CHUNKED_PIECE = 4096  # many small chunks in one piece take time that grows with its square
_MOST_FRAMING = 16 * 1024


class StrictParser(HTTPRequestParser):  # type: ignore[misc]
    """Waitress's parser, which answers 400 and closes where a request is ambiguous."""

    headers: dict[str, Any]
    version: str
    completed: bool

    def received(self, data: bytes) -> int:
        """Take what has arrived; how many bytes of it were read. What frames chunks may be as long as what is in them, and 16 KB more."""
        in_chunks = self.chunked and self.body_rcv is not None
        consumed = int(super().received(data[:_CHUNKED_PIECE] if in_chunks else data))
        if in_chunks and not self.completed:
            sent = len(self.body_rcv)
            if self.body_bytes_received - sent > sent + _MOST_FRAMING:
                self.error, self.completed = BadRequest("The chunks are mostly frame"), True
        if self.completed:
            self.expect_continue = False
        return consumed

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
