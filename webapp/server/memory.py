"""Memory of a server process: one heap for its threads, and no pages of code it will not run again. Linux with glibc; elsewhere nothing."""

import ctypes
import mmap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_M_ARENA_MAX = -8


def share_one_heap() -> None:
    """One heap for all threads, which take turns anyway: glibc gives each its own, and freed memory stays in all of them.

    Call it before anything starts a thread, as importing NumPy does: glibc looks at the number of heaps once.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def release_code() -> None:
    """Give back what of programs and libraries was read to load and compile; what is needed after all is mapped again, from the cache.

    Of Numba's compiler some 65 MB stay mapped otherwise, in a process that has only to watch others.
    """
    with suppress(OSError, AttributeError):
        madvise = ctypes.CDLL(None, use_errno=True).madvise
        madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for start, size in list(_unchanged_code()):
            madvise(start, size, mmap.MADV_DONTNEED)


def _unchanged_code() -> Iterator[tuple[int, int]]:
    """Where executable files are mapped, read-only and as they are on disk: start and size."""
    start = end = 0
    for line in Path("/proc/self/smaps").read_text("ascii", "replace").splitlines():
        field, *values = line.split()
        if not field.endswith(":"):
            low, high = (int(bound, 16) for bound in field.split("-"))
            start, end = (low, high) if values[0] == "r-xp" and values[-1].startswith("/") else (0, 0)
        elif field == "Anonymous:" and values[0] == "0" and end:
            yield start, end - start
