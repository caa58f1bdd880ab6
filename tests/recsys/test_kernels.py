"""Compiled loops where nothing can be written."""

import os
import subprocess
import sys

_USE = """
import numpy as np
from recsys import kernels
root = np.empty((1, 1), np.float32)
kernels.signal_scales(np.full((1, 1, 4), 2, np.float32), root, whole := root.copy())
print(root.item(), whole.item())
"""


def test_where_no_code_can_be_kept_each_process_compiles_for_itself() -> None:
    nowhere = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": "IPythonCacheLocator"}
    done = subprocess.run([sys.executable, "-c", _USE], env=nowhere, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0.5 0.125\n", "")
