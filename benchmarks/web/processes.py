"""CPU time, memory and written bytes of a process and everything it has started, read from /proc (Linux)."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

_TICK = os.sysconf("SC_CLK_TCK")
T = TypeVar("T")


def family(pid: int) -> Iterator[int]:
    """The process and its descendants."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def cpu_seconds(pid: int) -> dict[int, float]:
    """User and system time of each process of the family, that of ended children included."""
    return _of_each(pid, _cpu)


def own_megabytes(pid: int) -> dict[int, float]:
    """Memory that belongs to no file; a page shared by n processes counts 1/n in each (PSS), so the sum counts it once."""
    return _of_each(pid, lambda each: _memory(each, "Pss_Anon:") + _memory(each, "Pss_Shmem:"))


def file_megabytes(pid: int) -> dict[str, float]:
    """Memory of each mapped file, as much of it as the process has that holds most: what several hold is the same pages. PSS would divide
    libraries by whatever else runs on the machine."""
    most: dict[str, float] = {}
    for files in _of_each(pid, _files).values():
        most |= {name: max(size, most.get(name, 0.0)) for name, size in files.items()}
    return most


def rss_megabytes(pid: int) -> dict[int, float]:
    """Resident set size of each process: shared pages count in full everywhere."""
    return _of_each(pid, lambda each: _memory(each, "Rss:"))


def written_bytes(pid: int) -> int:
    """Bytes all processes of the family have caused to be sent to a disk."""
    return sum(_of_each(pid, lambda each: int(_line(Path(f"/proc/{each}/io"), "write_bytes:"))).values())


def _of_each(pid: int, measure: Callable[[int], T]) -> dict[int, T]:
    figures = {}
    for each in family(pid):
        try:
            figures[each] = measure(each)
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
    return figures


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICK


def _files(pid: int) -> dict[str, float]:
    """Pages of each mapped file that are as they are on disk; those that were written to belong to no file any more."""
    sizes: dict[str, float] = defaultdict(float)
    name = ""
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        field, *values = line.split()
        if not field.endswith(":"):
            name = values[-1] if len(values) > 4 and values[-1].startswith("/") else ""
        elif name and field in ("Rss:", "Anonymous:"):
            sizes[name] += int(values[0]) / 1024 * (1 if field == "Rss:" else -1)
    return sizes


def _memory(pid: int, name: str) -> float:
    return int(_line(Path(f"/proc/{pid}/smaps_rollup"), name)) / 1024


def _line(path: Path, name: str) -> str:
    return next(line.split()[1] for line in path.read_text().splitlines() if line.startswith(name))
