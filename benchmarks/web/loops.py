"""Two ways to put load on a server.

Closed: each client asks as soon as it has its answer, so a slow server is asked less. Open: requests have planned times, and waiting
counts from the plan, so a slow server cannot hide behind slow clients (Tene's coordinated omission).
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

Ask = Callable[[], object]
_LATE_SECONDS = 0.01


@dataclass(frozen=True)
class Closed:
    """Requests answered in how many seconds."""

    answers: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


@dataclass(frozen=True)
class Open:
    """Seconds from each planned time to its answer; `late` counts requests that were sent more than 10 ms after their time."""

    rate: float
    waits: list[float]
    late: int
    failed: int

    def quantile(self, share: float) -> float:
        """Milliseconds."""
        return float(np.quantile(self.waits, share)) * 1000 if self.waits else float("nan")


def closed_loop(asks: list[Ask], seconds: float) -> Closed:
    """One thread a client; each asks again at once."""
    counts = [0] * len(asks)
    started = time.monotonic()

    def work(number: int) -> None:
        while time.monotonic() - started < seconds:
            asks[number]()
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Closed(sum(counts), time.monotonic() - started)


def planned_times(rate: float, seconds: float, seed: int) -> Iterator[float]:
    """Arrivals of a Poisson process: exponential gaps, the same for the same seed."""
    draw = random.Random(seed)
    moment = draw.expovariate(rate)
    while moment < seconds:
        yield moment
        moment += draw.expovariate(rate)


def open_loop(ask: Callable[[], bool], rate: float, seconds: float, seed: int = 7, clients: int = 64) -> Open:
    """Send at planned times; `ask` says whether the answer was good. More than `clients` at once wait, which counts."""
    started = time.monotonic()

    def send(planned: float) -> tuple[float, bool, bool]:
        late = time.monotonic() - started - planned > _LATE_SECONDS
        good = ask()
        return time.monotonic() - started - planned, late, good

    with ThreadPoolExecutor(clients) as pool:
        sent = []
        for planned in planned_times(rate, seconds, seed):
            time.sleep(max(0.0, planned - (time.monotonic() - started)))
            sent.append(pool.submit(send, planned))
        results = [future.result() for future in sent]
    waits = [wait for wait, _, good in results if good]
    return Open(rate, waits, sum(late for _, late, _ in results), len(results) - len(waits))
