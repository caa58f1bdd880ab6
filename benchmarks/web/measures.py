"""Each figure of the table: one function, on servers that run already."""

import queue
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.web.client import Answer, Client, imported_files, linked_files
from benchmarks.web.loops import closed_loop, open_loop
from benchmarks.web.processes import cpu_seconds, file_megabytes, own_megabytes, rss_megabytes, written_bytes
from benchmarks.web.server import Server
from benchmarks.web.storage import stored_bytes

Figures = dict[str, Any]
_WARM = 12
ROUNDS = 4
BARE = "bare"
_MORE_OF_BARE = 20


def _ask(client: Client, path: str) -> Answer:
    answer = client.get(path)
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    return answer


def warm(server: Server, paths: Iterable[str], cookies: dict[str, str]) -> None:
    """Ask until every process has imported, compiled and cached what it does once."""
    for path in paths:
        closed_loop([_asking(server, path, cookies) for _ in range(4)], 1.0)
        for _ in range(_WARM):
            with Client(server.port, cookies) as client:
                _ask(client, path)


def _asking(server: Server, path: str, cookies: dict[str, str]) -> Callable[[], Answer]:
    client = Client(server.port, cookies)
    return lambda: _ask(client, path)


def cpu_milliseconds(targets: dict[str, tuple[Server, str, dict[str, str]]], requests: int) -> dict[str, float]:
    """CPU of the server for each request, asked one after another; targets take turns, so that the machine's mood hits all alike.

    The bare page is asked more often: CPU is counted in ticks of 10 ms, which are many of its requests.
    """
    used = dict.fromkeys(targets, 0.0)
    each = {name: max(1, requests // ROUNDS) * (_MORE_OF_BARE if name == BARE else 1) for name in targets}
    for _ in range(ROUNDS):
        for name, (server, path, cookies) in targets.items():
            with Client(server.port, cookies) as client:
                before = server.cpu()
                for _ in range(each[name]):
                    _ask(client, path)
                used[name] += server.cpu() - before
    return {name: seconds * 1000 / (each[name] * ROUNDS) for name, seconds in used.items()}


def throughput(server: Server, path: str, cookies: dict[str, str], seconds: float, clients: int) -> Figures:
    """Closed loop over kept connections; `busiest` is the share of the CPU that the busiest process used (.5 of two is even)."""
    before = cpu_seconds(server.pid)
    result = closed_loop([_asking(server, path, cookies) for _ in range(clients)], seconds)
    used = [after - before.get(pid, 0.0) for pid, after in cpu_seconds(server.pid).items()]
    return {"per_second": result.per_second, "busiest": max(used) / max(sum(used), 1e-9), "cpu_ms": sum(used) * 1000 / result.answers}


def planned(server: Server, path: str, cookies: dict[str, str], rate: float, seconds: float) -> Figures:
    """Open loop: milliseconds from the planned time to the whole answer."""
    idle: queue.SimpleQueue[Client] = queue.SimpleQueue()

    def ask() -> bool:
        client = idle.get() if not idle.empty() else Client(server.port, cookies)
        try:
            return client.get(path).status == 200
        except OSError:
            client.close()
            return False
        finally:
            idle.put(client)

    result = open_loop(ask, rate, seconds)
    quantiles = {f"p{share:g}_ms": result.quantile(share / 100) for share in (50, 95, 99)}
    return {"rate": rate, "requests": len(result.waits), "failed": result.failed, "late": result.late, **quantiles}


def spread(server: Server, path: str, cookies: dict[str, str], clients: int, trials: int, seconds: float = 1.0) -> list[float]:
    """The busiest process's share of CPU when `clients` new kept connections work for a moment, for several trials."""
    return [throughput(server, path, cookies, seconds, clients)["busiest"] for _ in range(trials)]


def wire_bytes(server: Server, path: str, cookies: dict[str, str]) -> Figures:
    """Bytes of a first visit (page and every static file it names) and of a return, when the browser keeps what it may."""
    with Client(server.port, cookies) as client:
        page = _ask(client, path)
        waiting, files = linked_files(page.text), {}
        while waiting:
            address = waiting.pop()
            files[address] = answer = _ask(client, address)
            if address.endswith(".css"):
                waiting |= imported_files(address, answer.text) - files.keys()
        again = _ask(client, path).wire
        for address, answer in files.items():
            if "max-age" not in answer.headers.get("cache-control", ""):
                again += client.get(address, **{"If-None-Match": answer.headers.get("etag", "")}).wire
    static = sum(answer.wire for answer in files.values())
    encoding = page.headers.get("content-encoding", "none")
    return {
        "page": page.wire,
        "static": static,
        "files": len(files),
        "first_visit": page.wire + static,
        "return": again,
        "encoding": encoding,
    }


def written(server: Server, database: str, path: str, cookies: dict[str, str], views: int) -> Figures:
    """What a view adds to the database, and what reaches the disk for it (log and checkpoints included)."""
    before, disk = stored_bytes(database), written_bytes(server.pid)
    with Client(server.port, cookies) as client:
        for _ in range(views):
            _ask(client, path)
    return {"stored": (stored_bytes(database) - before) / views, "disk": (written_bytes(server.pid) - disk) / views}


def memory(server: Server) -> Figures:
    """Megabytes of all processes together, what they share counted once: memory of no file, libraries, and mapped arrays of models, which
    the kernel takes back when it is short; and RSS added up, which counts in each what is shared."""
    own, files = own_megabytes(server.pid), file_megabytes(server.pid)
    arrays = sum(size for name, size in files.items() if name.endswith(".npy"))
    return {
        "once_mb": sum(own.values()) + sum(files.values()),
        "own_mb": sum(own.values()),
        "libraries_mb": sum(files.values()) - arrays,
        "arrays_mb": arrays,
        "each_mb": [round(value, 1) for value in own.values()],
        "rss_mb": sum(rss_megabytes(server.pid).values()),
    }
