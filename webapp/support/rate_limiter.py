"""Allowance: so many of something in a stretch of time, counted in this process."""

import threading
import time
from collections.abc import Callable


class RateLimiter:
    """At most `count` in each stretch of `seconds`, which begins with the first one taken. Threads may share it."""

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._count, self._seconds, self._clock = count, seconds, clock
        self._left, self._ends = count, float("-inf")
        self._lock = threading.Lock()

    def try_acquire(self) -> bool:
        """Whether one more is allowed now; if so it is counted."""
        with self._lock:
            moment = self._clock()
            if moment >= self._ends:
                self._left, self._ends = self._count, moment + self._seconds
            self._left -= 1
            return self._left >= 0
