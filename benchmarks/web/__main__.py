"""What serving costs, beside a bare page in the same run.

    python -m benchmarks.web [--checkout DIR] [--instance DIR] [--database URL] [--email ADDRESS --password WORD | --learner ID]
                             [--histories 50,5000] [--mix study|enroll] [--times N]
                             [--requests 200] [--seconds 8] [--rate R] [--workers 2] [--json OUT]

Starts the server of `--checkout` (this one, or an older one: before and after) as `make run` does, on a database and a folder of models
that exist already and are written to: give copies. Without `--instance` a sample world is made and trained in a temporary folder.
Signed in, it measures home, catalog and a course: CPU per request (one after another; all processes of the server), throughput of four
clients (closed loop), waiting at planned times (open loop, at four tenths of that throughput or `--rate`), how evenly connections spread,
bytes on the wire and bytes stored, and memory. CPU is measured besides for accounts with made-up histories of so many events
(`--histories`, mixed as `made_history` says; none where it is empty). `--times` multiplies imported learners first (SQLite). On a busy
machine trust CPU and bytes, not throughput and waiting. PostgreSQL's own CPU is not counted.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import write_json
from benchmarks.web import measures
from benchmarks.web.client import Client
from benchmarks.web.learner import PASSWORD, let_in, made
from benchmarks.web.multiply import multiply
from benchmarks.web.report import table
from benchmarks.web.server import HERE, Server, Site, serve, serve_bare

SAMPLE_EMAIL, CLIENTS, SPREAD_TRIALS = "learner@example.com", 4, 8
_COURSE = re.compile(r'href="(/courses/[\w-]+)')


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-web-") as folder:
        site = _site(options, Path(folder))
        if options.instance is None:
            _prepare(site)
        if options.times > 1:
            multiply(site.database.removeprefix("sqlite:///"), options.times)
        email, password = (let_in(site, options.learner), PASSWORD) if options.learner else (options.email, options.password)
        histories = {size: made(site, size, options.mix) for size in options.histories}
        figures = measure(site, email, password, histories, options)
    print(table(figures))
    if options.json:
        write_json(options.json, figures)
    return 0


def measure(site: Site, email: str, password: str, histories: Mapping[int, str], options: argparse.Namespace) -> dict[str, Any]:
    """All figures of one run, as plain values; `histories` are addresses of accounts by how many events they have."""
    with serve_bare(site) as bare, serve(site) as server:
        with Client(server.port) as client:
            client.sign_in(email, password)
            cookies = client.cookies
            pages = {"home": "/", "catalog": "/catalog", "course": _course(client)}
        targets: dict[str, tuple[Server, str, dict[str, str]]] = {measures.BARE: (bare, "/", {})}
        targets |= {name: (server, path, cookies) for name, path in pages.items()}
        targets["visitor"] = (server, "/", {})
        measures.warm(bare, ["/"], {})
        measures.warm(server, pages.values(), cookies)
        of_histories = _of_histories(server, histories, pages)
        cpu = measures.cpu_milliseconds(targets | of_histories, options.requests)
        closed = {name: measures.throughput(*target, options.seconds, CLIENTS) for name, target in targets.items()}
        rates = {name: options.rate or closed[name]["per_second"] * 0.4 for name in pages}
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "checkout": _commit(site.checkout),
            "database": site.database.rpartition("@")[2],
            "load": os.getloadavg()[0],
            "pages": pages,
            "cpu_ms": cpu,
            "ratio_to_bare": {name: cpu[name] / cpu[measures.BARE] for name in cpu},
            "closed": closed,
            "open": {name: measures.planned(*targets[name], rates[name], options.seconds) for name in pages},
            "spread": measures.spread(*targets["home"], CLIENTS, SPREAD_TRIALS),
            "wire": {name: measures.wire_bytes(*targets[name]) for name in (*pages, "visitor")},
            "written": measures.written(server, site.database, "/", cookies, options.requests),
            "memory": measures.memory(server),
        }


def _of_histories(server: Server, histories: Mapping[int, str], pages: Mapping[str, str]) -> dict[str, tuple[Server, str, dict[str, str]]]:
    """Every page for every account, such as `home 5000`."""
    targets = {}
    for size, email in histories.items():
        with Client(server.port) as client:
            client.sign_in(email, PASSWORD)
        measures.warm(server, pages.values(), client.cookies)
        targets |= {f"{name} {size}": (server, path, client.cookies) for name, path in pages.items()}
    return targets


def _sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",") if size]


def _site(options: argparse.Namespace, folder: Path) -> Site:
    instance = (options.instance or folder).resolve()
    return Site(options.checkout.resolve(), instance, options.database or f"sqlite:///{instance / 'waymark.db'}", options.workers)


def _prepare(site: Site) -> None:
    environment = site.environment() | {"WAYMARK_SAMPLE_PASSWORD": PASSWORD}
    subprocess.run([site.python, "-m", "flask", "prepare"], cwd=site.checkout, env=environment, check=True)


def _course(client: Client) -> str:
    """The first course of the catalog: the same one in every run on the same data."""
    return _COURSE.findall(client.get("/catalog").text)[0]


def _commit(checkout: Path) -> str:
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--tags"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--checkout", type=Path, default=HERE)
    parser.add_argument("--instance", type=Path)
    parser.add_argument("--database", default="")
    parser.add_argument("--email", default=SAMPLE_EMAIL)
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--learner", type=int, default=0)
    parser.add_argument("--histories", type=_sizes, default=[50, 5000])
    parser.add_argument("--mix", choices=("study", "enroll"), default="study")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
