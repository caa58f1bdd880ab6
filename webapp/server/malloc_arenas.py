"""Memory of a server process: one heap for its threads. Linux with glibc; elsewhere nothing."""

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8


def use_one_malloc_arena() -> None:
    """One heap for all threads, which take turns anyway: glibc gives each its own, and freed memory stays in all of them.

    Call it before anything starts a thread, as importing NumPy does: glibc looks at the number of heaps once.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
