"""A Gunicorn worker that lets Waitress read requests and write answers.

Gunicorn's own workers hand a connection to a thread before its request has arrived, so that a handful of half-sent requests
occupies every thread. Waitress collects whole requests and drains answers in one loop; threads only see what is complete.
See docs/decisions/0008-server.md.
"""

import logging
import os
import signal
import socket
import time
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher

from webapp.server.connection_counts import ConnectionCounts
from webapp.server.strict_parser import StrictParser

REQUEST_SECONDS = 120
"""A request that has not arrived whole by then is dropped, however steadily its bytes drip."""

MOST_PIPELINED = 16
"""Requests of one connection that wait at a time; one that sends more is closed after them and those of the same piece. A packet of 64 KB
holds a thousand, whose answers nobody may read: they would fill the buffer, and their thread would wait until somebody does."""
_PIECE = 1024

_OPTIONS: dict[str, Any] = {
    "backlog": 1024,
    "channel_timeout": 60,
    "cleanup_interval": 10,
    "clear_untrusted_proxy_headers": False,  # WAYMARK_TRUSTED_PROXIES decides, in the factory
    "connection_limit": 800,  # a process may usually open 1024 files
    "ident": "",
    "max_request_body_size": 8 * 1024 * 1024,  # the application refuses at 2 MB, with a page
    "max_request_header_size": 64 * 1024,
    "recv_bytes": 64 * 1024,
}
_LOOP_SECONDS = 1.0
_GIVE_WAY_SECONDS = 0.001
_GIVE_WAY_TURNS = 200
_WAIT_FOR_REPORT_TURNS = 10
_FEW = 50  # connections; more spread by chance, and are not kept waiting
_NEWCOMER_SECONDS = 1.0
_ROOM_SHARE = 10  # of the connections of a process, a tenth is kept free

_counts = ConnectionCounts()  # imported by Gunicorn's parent process, so before the fork

_ENDING_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}


class TimedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when its unfinished request has been arriving, and takes few requests at a time."""

    parser_class = StrictParser
    began = 0.0

    def received(self, data: bytes) -> bool:
        """Take what has arrived, but of requests that were sent without waiting for answers few."""
        if self.request is None:
            self.began = time.time()
        taken = False
        for start in range(0, len(data), _PIECE):
            if len(self.requests) >= MOST_PIPELINED:
                self._close_after_last_request()
                break
            taken = bool(super().received(data[start : start + _PIECE]))
        return taken

    def _close_after_last_request(self) -> None:
        with self.requests_lock:
            for last in self.requests[-1:]:
                last.headers["CONNECTION"] = "close"


class _SharedListener(BaseWSGIServer):  # type: ignore[misc]
    """A listening socket several processes accept from: whoever has more connections than another gives way for a moment."""

    channel_class = TimedChannel
    slot = 0
    _turns = 0
    _accepted_at = 0.0

    def readable(self) -> bool:
        """Report the number of connections on each turn of the loop."""
        if self.accepting:
            _counts.record_count(self.slot, len(self.active_channels))
            self._make_room()
        return bool(super().readable())

    def _make_room(self) -> None:
        """Short of the limit, at which nobody new gets in, those give way that ask for much at once, then those that have neither sent nor
        read anything for longest: browsers open a kept connection anew, and whoever holds many without asking, or without reading, keeps
        nobody out. Who has just come, or waits for one answer, stays."""
        room = max(1, self.adj.connection_limit // _ROOM_SHARE)
        if len(self.active_channels) < self.adj.connection_limit - room:
            return
        settled = time.time() - _NEWCOMER_SECONDS
        others = [channel for channel in self.active_channels.values() if len(channel.requests) != 1 and channel.last_activity < settled]
        for channel in sorted(others, key=lambda channel: (not channel.requests, channel.last_activity))[:room]:
            channel.will_close = True

    def handle_accept(self) -> None:
        """Accept, unless another process should; after a fifth of a second, accept all the same."""
        if self._gives_way():
            self._turns += 1
            time.sleep(_GIVE_WAY_SECONDS)
            return
        self._turns, self._accepted_at = 0, time.monotonic()
        super().handle_accept()
        _counts.record_count(self.slot, len(self.active_channels))

    def _gives_way(self) -> bool:
        """Whether another has fewer connections, or may have: where many go as many come, its count is that of those who have gone."""
        mine = len(self.active_channels)
        if (
            0 < mine < _FEW
            and self._turns < _WAIT_FOR_REPORT_TURNS
            and not _counts.others_have_reported_since(self.slot, self._accepted_at)
        ):
            return True
        return self._turns < _GIVE_WAY_TURNS and _counts.another_has_fewer(self.slot, mine)

    def maintenance(self, now: float) -> None:
        """Close idle connections and those whose request does not come to an end."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            if channel.request is not None and not channel.requests and channel.began < now - REQUEST_SECONDS:
                channel.will_close = True

    def stop_accepting(self) -> None:
        """Close the listening socket; connections stay."""
        self.accepting = False
        _counts.remove_worker(self.slot)
        self.del_channel()
        self.socket.close()


class _TcpListener(_SharedListener, TcpWSGIServer):  # type: ignore[misc]
    """A listener on an address."""


class _UnixListener(_SharedListener, UnixWSGIServer):  # type: ignore[misc]
    """A listener on a socket file."""


def _let_ending_signals_in() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING_SIGNALS)


os.register_at_fork(after_in_parent=_let_ending_signals_in)


class BufferingWorker(Worker):  # type: ignore[misc]
    """Serves Gunicorn's sockets through Waitress's loop and `threads` threads.

    Until a forked worker has set its own handlers it has those of its parent, which would note a signal to end for a loop that only
    the parent runs. Signals wait from before the fork until then; the parent lets them in as soon as the fork is done.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A worker about to be forked."""
        super().__init__(*args, **kwargs)
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING_SIGNALS)

    def init_signals(self) -> None:
        """Set this process's handlers; what has come meanwhile is handled now."""
        super().init_signals()
        _let_ending_signals_in()

    def init_process(self) -> None:
        """Prepare what `run` needs before the hooks of the configuration run."""
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a full queue is no event worth a line each time
        self._map: dict[int, Any] = {}
        self._listeners: list[_SharedListener] = []
        super().init_process()

    def run(self) -> None:
        """Serve until told to stop, then finish what has been asked."""
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self.cfg.threads)
        self._listeners = [self._listen(held.sock, dispatcher) for held in self.sockets]
        while self.alive and self.ppid == os.getppid():
            self._run_loop_once(_LOOP_SECONDS)
        self._drain_pending_requests(time.monotonic() + self.cfg.graceful_timeout)
        dispatcher.shutdown()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: wake the loop so that it stops at once."""
        super().handle_exit(sig, frame)
        for listener in self._listeners:
            listener.pull_trigger()

    def _listen(self, sock: socket.socket, dispatcher: ThreadedTaskDispatcher) -> _SharedListener:
        kind = _UnixListener if sock.family == socket.AF_UNIX else _TcpListener
        info = (sock.family, sock.type, sock.proto, sock.getsockname())
        options = Adjustments(**_OPTIONS)
        listener = kind(self.wsgi, self._map, _sock=sock, dispatcher=dispatcher, adj=options, bind_socket=False, sockinfo=info)
        listener.slot = self.age
        return listener

    def _run_loop_once(self, seconds: float) -> None:
        self.notify()
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _drain_pending_requests(self, deadline: float) -> None:
        """Accept nothing more; answer requests that have arrived, until the deadline."""
        for listener in self._listeners:
            listener.stop_accepting()
        while self._busy() and time.monotonic() < deadline:
            self._run_loop_once(0.1)

    def _busy(self) -> bool:
        channels = [channel for listener in self._listeners for channel in list(listener.active_channels.values())]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)
