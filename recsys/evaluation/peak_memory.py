"""Peak resident memory of the process, measured over a block."""

import contextlib
import resource
import sys
from pathlib import Path
from types import TracebackType

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


class PeakMemory:
    """Context manager; afterwards `peak_mb` is the largest resident size within the block, in MB.

    On Linux the kernel's high-water mark is reset at entry. Elsewhere the mark of the whole process so far is what there is.
    """

    peak_mb: float = 0.0

    def __enter__(self) -> "PeakMemory":
        with contextlib.suppress(OSError):
            _RESET.write_text("5")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.peak_mb = _high_water_mb()


def _high_water_mb() -> float:
    with contextlib.suppress(OSError, ValueError, StopIteration):
        line = next(x for x in _STATUS.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024
