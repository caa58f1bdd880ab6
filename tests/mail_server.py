"""A mail server on this machine that takes mail, refuses it, or never answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

from flask import Flask


class Mood(StrEnum):
    """What the server does with a message."""

    TAKE = "250 taken"
    REFUSE = "451 try later, you who write to person@example.com"
    HANG = ""


class MailServer(ThreadingTCPServer):
    """Keeps the messages it has taken and those it has refused, in the order of their arrival."""

    allow_reuse_address, daemon_threads, block_on_close = True, True, False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mood = Mood.TAKE
        self.taken: list[Message] = []
        self.refused: list[Message] = []
        self.asked = Event()
        self.closing = Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def subjects(self) -> list[str]:
        """Of the messages taken."""
        return [str(message["Subject"]) for message in self.taken]


class _Conversation(StreamRequestHandler):
    server: MailServer

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().strip().upper():
            if line == b"DATA":
                self._say("354 go on")
                self._judge(message_from_bytes(b"".join(iter(self.rfile.readline, b".\r\n"))))
            else:
                self._say("250 fine")
            if line == b"QUIT":
                return

    def _judge(self, message: Message) -> None:
        self.server.asked.set()
        if self.server.mood is Mood.HANG:
            self.server.closing.wait()
            return
        (self.server.taken if self.server.mood is Mood.TAKE else self.server.refused).append(message)
        self._say(self.server.mood)


@contextmanager
def serving(app: Flask) -> Iterator[MailServer]:
    """A server that this application sends its mail to."""
    state = app.extensions["mailman"]
    before = state.backend, state.server, state.port
    with MailServer() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        state.backend, state.server, state.port = "smtp", "127.0.0.1", server.port
        try:
            yield server
        finally:
            state.backend, state.server, state.port = before
            server.closing.set()
            server.shutdown()
