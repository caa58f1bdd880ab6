"""Threads of a server process share one heap."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.webapp.server.running import ROOT

LINUX = pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="reads /proc")
ONE_HEAP = """
import sys, threading
from pathlib import Path
from webapp.server.malloc_arenas import use_one_malloc_arena

if "share" in sys.argv:
    use_one_malloc_arena()
import numpy

def heaps():
    # glibc makes each further heap an area of 64 MB that begins at a multiple of 64 MB: the used part, then the rest without rights
    areas = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        bounds, rights, *_ = line.split()
        areas.append((rights, *(int(bound, 16) for bound in bounds.split("-"))))
    return sum(
        (rights, after) == ("rw-p", "---p") and low % (64 << 20) == 0 and high == begin and end == low + (64 << 20)
        for (rights, low, high), (after, begin, end) in zip(areas, areas[1:])
    )

barrier, done = threading.Barrier(4), threading.Event()

def work():
    kept = [bytes(2000) for _ in range(1000)]
    barrier.wait()
    done.wait()
    return kept

threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
barrier.wait()
found = heaps()
done.set()
print(found)
"""


def _run(script: str, *arguments: str) -> str:
    run = subprocess.run([sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@LINUX
def test_threads_use_one_malloc_arena() -> None:
    apart, shared = int(_run(ONE_HEAP)), int(_run(ONE_HEAP, "share"))
    if not apart:
        pytest.skip("this C library keeps one heap anyway")
    assert shared == 0
