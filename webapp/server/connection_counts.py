"""Open connections of each worker process, in memory that all of them share, so that new ones go where fewest are."""

import mmap
import time

_SLOTS = 64
_FIELDS = 2  # connections, time of the last report
_STALE_SECONDS = 3.0


class ConnectionCounts:
    """A table with a row for each worker process. Made before the fork; a row that is not renewed for three seconds is ignored.

    Writing an aligned double is one store, and a count read a moment too late only costs a little fairness: no lock is needed.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SLOTS * _FIELDS * 8)
        self._table = memoryview(self._memory).cast("d", (_SLOTS, _FIELDS))

    def record_count(self, slot: int, connections: int) -> None:
        """Write how many connections this worker has."""
        self._table[slot % _SLOTS, 0] = float(connections)
        self._table[slot % _SLOTS, 1] = time.monotonic()

    def remove_worker(self, slot: int) -> None:
        """Leave the table: this worker accepts no more."""
        self._table[slot % _SLOTS, 1] = 0.0

    def others_have_reported_since(self, slot: int, moment: float) -> bool:
        """Whether every other living worker has renewed its row since a moment of `time.monotonic`."""
        alive_since = time.monotonic() - _STALE_SECONDS
        others = (self._table[row, 1] for row in range(_SLOTS) if row != slot % _SLOTS)
        return all(reported >= moment for reported in others if reported > alive_since)

    def another_has_fewer(self, slot: int, connections: int) -> bool:
        """Whether a living worker other than this one has fewer connections."""
        alive_since = time.monotonic() - _STALE_SECONDS
        return any(self._table[row, 1] > alive_since and self._table[row, 0] < connections for row in range(_SLOTS) if row != slot % _SLOTS)
