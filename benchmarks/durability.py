"""What a write that survives a power cut costs on SQLite: `python -m benchmarks.durability [--folder FOLDER] [--json OUT]`.

Writes small rows, one a unit of work, with the log flushed at each commit (FULL, what people are told is stored) and at each
checkpoint only (NORMAL, slates and views), by one writer and by four. Says beside it what one flush of the disk takes.
"""

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from flask import Flask

from benchmarks.figures import write_json
from webapp.config import Settings
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models.operations import AuditEntry
from webapp.transactions import defer_write, unit_of_work


def application(folder: Path) -> Flask:
    """On an empty database in the folder."""
    secrets = {"secret_key": "b" * 64, "password_salt": "b" * 64}
    app = create_app(Settings(environment="test", instance_dir=folder, database_url=f"sqlite:///{folder}/bench.db", **secrets))
    with app.app_context():
        db.create_all()
    return app


def add_row() -> None:
    """A small row."""
    db.session.add(AuditEntry(action="bench", subject="row", detail={"text": "x" * 200}))
    db.session.flush()


def durable() -> None:
    """As a POST writes."""
    with unit_of_work():
        add_row()


def deferred() -> None:
    """As a GET writes."""
    with unit_of_work(writes=False):
        defer_write(add_row)


def measure(app: Flask, write, writers: int, count: int) -> dict[str, float]:
    """Milliseconds a write, by all writers together."""
    taken: list[float] = []

    def work() -> None:
        with app.app_context():
            for _ in range(count // writers):
                began = time.perf_counter()
                write()
                taken.append(1000 * (time.perf_counter() - began))

    threads = [threading.Thread(target=work) for _ in range(writers)]
    began, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    p50, p99 = np.percentile(taken, [50, 99])
    cpu_ms = 1000 * (time.process_time() - cpu) / len(taken)
    return {"median_ms": float(p50), "p99_ms": float(p99), "per_second": len(taken) / seconds, "cpu_ms": cpu_ms}


def flush_ms(folder: Path, count: int = 200) -> float:
    """The median of one 4 KB write with fdatasync."""
    taken = []
    with (folder / "flush").open("wb") as file:
        for _ in range(count):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(1000 * (time.perf_counter() - began))
    return float(np.median(taken))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured; a temporary one otherwise")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        figures: dict[str, object] = {"fdatasync_ms": flush_ms(folder)}
        print(f"one flush of the disk: {figures['fdatasync_ms']:.2f} ms")
        app = application(folder)
        print(f"{'':22} {'median':>9} {'p99':>9} {'a second':>9} {'CPU':>9}")
        for writers in (1, 4):
            for label, write in (("FULL", durable), ("NORMAL", deferred)):
                got = measure(app, write, writers, arguments.count)
                figures[f"{label} {writers}"] = got
                line = f"{got['median_ms']:6.2f} ms {got['p99_ms']:6.1f} ms {got['per_second']:9.0f} {got['cpu_ms']:6.2f} ms"
                print(f"{label:7} {writers} writer{'s' if writers > 1 else ' '}      {line}")
    if arguments.json:
        write_json(arguments.json, figures)


if __name__ == "__main__":
    main()
