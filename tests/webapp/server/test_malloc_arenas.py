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
from webapp.server.malloc_arenas import share_one_heap

if "share" in sys.argv:
    share_one_heap()
import numpy

def heaps():  # glibc makes each further heap an area of 64 MB, of which the used part is writable
    ends = {}
    for line in Path("/proc/self/maps").read_text().splitlines():
        bounds, rights, *_ = line.split()
        low, high = (int(bound, 16) for bound in bounds.split("-"))
        if rights == "rw-p" and low % (64 << 20) == 0 and high - low < 64 << 20:
            ends[low] = high
    return len(ends)

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
def test_threads_share_one_heap() -> None:
    apart, shared = int(_run(ONE_HEAP)), int(_run(ONE_HEAP, "share"))
    if not apart:
        pytest.skip("this C library keeps one heap anyway")
    assert shared == 0
